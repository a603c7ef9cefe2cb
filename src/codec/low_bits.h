// A stream of numbers of a few bits each, least significant bit first.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "codec/bit_map.h"

namespace submask {

class LowBitsWriter {
 public:
  void put(uint32_t value, int count) {
    assert(uint64_t{value} >> count == 0);
    held_ |= static_cast<uint64_t>(value) << held_count_;
    for (held_count_ += count; held_count_ >= 8; held_count_ -= 8, held_ >>= 8)
      bytes_.push_back(static_cast<uint8_t>(held_));
  }

  std::vector<uint8_t> finish() {
    if (held_count_ > 0) bytes_.push_back(static_cast<uint8_t>(held_));
    return std::move(bytes_);
  }

 private:
  std::vector<uint8_t> bytes_;
  uint64_t held_ = 0;
  int held_count_ = 0;
};

// Gives zeros past the end of the bytes.
class LowBitsReader {
 public:
  explicit LowBitsReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  uint32_t next(int count) {
    const size_t byte = std::min(bit_ / 8, bytes_.size());
    const uint64_t held = load_map(bytes_.subspan(byte)) >> bit_ % 8;
    bit_ += static_cast<size_t>(count);
    return static_cast<uint32_t>(held & ((uint64_t{1} << count) - 1));
  }

  size_t bytes_read() const { return (bit_ + 7) / 8; }
  // Whether the bits of the last byte that were not read are zero.
  bool padded_by_zeros() const {
    return bit_ % 8 == 0 || bit_ / 8 >= bytes_.size() || bytes_[bit_ / 8] >> (bit_ % 8) == 0;
  }

 private:
  std::span<const uint8_t> bytes_;
  size_t bit_ = 0;
};

}  // namespace submask
