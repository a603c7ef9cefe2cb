// Arithmetic coding of bits by their probabilities, in 32-bit integers.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace submask {

// `probability` is that of a 1, in 65536ths, 1 ... 65535.
class BitEncoder {
 public:
  void encode(bool bit, uint32_t probability) {
    assert(probability > 0 && probability < 65536);
    const uint32_t middle =
        low_ + static_cast<uint32_t>(static_cast<uint64_t>(high_ - low_) * probability >> 16);
    if (bit)
      high_ = middle;
    else
      low_ = middle + 1;
    while ((low_ ^ high_) < 1U << 24) shift();
    assert(low_ < high_);
  }

  // Returns the coded bytes without zeros at the end, which a decoder adds by itself.
  std::vector<uint8_t> finish() {
    // The first bytes of low_ and high_ differ, so that between them lies a number of one byte.
    bytes_.push_back(static_cast<uint8_t>((low_ + 0xFFFFFF) >> 24));
    while (!bytes_.empty() && bytes_.back() == 0) bytes_.pop_back();
    return std::move(bytes_);
  }

 private:
  void shift() {
    bytes_.push_back(static_cast<uint8_t>(high_ >> 24));
    low_ <<= 8;
    high_ = high_ << 8 | 255;
  }

  uint32_t low_ = 0, high_ = 0xFFFFFFFF;
  std::vector<uint8_t> bytes_;
};

// Takes the same probabilities as the encoder, in the same order.
class BitDecoder {
 public:
  explicit BitDecoder(std::span<const uint8_t> bytes) : bytes_(bytes) {
    for (int i = 0; i < 4; ++i) code_ = code_ << 8 | read_byte();
  }

  bool decode(uint32_t probability) {
    assert(probability > 0 && probability < 65536);
    const uint32_t middle =
        low_ + static_cast<uint32_t>(static_cast<uint64_t>(high_ - low_) * probability >> 16);
    const bool bit = code_ <= middle;
    if (bit)
      high_ = middle;
    else
      low_ = middle + 1;
    while ((low_ ^ high_) < 1U << 24) {
      low_ <<= 8;
      high_ = high_ << 8 | 255;
      code_ = code_ << 8 | read_byte();
    }
    return bit;
  }

  // Whether all bytes were read, and were an encoder's: its last byte is never zero.
  bool at_end() const { return next_ == bytes_.size() && (bytes_.empty() || bytes_.back() != 0); }

 private:
  uint32_t read_byte() { return next_ < bytes_.size() ? bytes_[next_++] : 0; }

  std::span<const uint8_t> bytes_;
  size_t next_ = 0;  // index of the byte to be read next
  uint32_t low_ = 0, high_ = 0xFFFFFFFF, code_ = 0;
};

}  // namespace submask
