// A mask to code, taken from a fuzzer's bytes; whatever is missing at their end is zero.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/mask_codec.h"

namespace submask {

class MaskInput {
 public:
  // Six bytes, then 32 of weights and 8 of a parent's bits, each repeated as often as needed.
  // Shapes are small, so that many are tried: 3200 weights at most.
  explicit MaskInput(std::span<const uint8_t> bytes) : rest_(bytes) {
    const uint8_t kind = take();
    profile_ = kind % 2 == 0 ? MaskProfile::small : MaskProfile::fast;
    shape_.outputs = 1 + take() % 16;
    shape_.inputs = 1 + take() % 8;
    shape_.kernel_width = 1 + take() % 5;
    shape_.kernel = shape_.kernel_width * (kind % 4 < 2 ? 1 : shape_.kernel_width);
    off_share_ = take();
    off_share_ = off_share_ << 8 | take();
    const auto weights = take(32), parent = take(8);
    for (size_t i = 0; i < count(); ++i) weights_.push_back(weight(weights[i % weights.size()]));
    for (size_t i = 0; kind % 8 >= 4 && i < packed_bytes(); ++i) parent_.push_back(parent[i % 8]);
  }

  MaskProfile profile() const { return profile_; }
  MaskBlock block() const { return {shape_, weights_, parent_, off_share_}; }
  size_t count() const { return static_cast<size_t>(shape_.count()); }
  size_t packed_bytes() const { return (count() + 7) / 8; }

  // What was not taken.
  std::span<const uint8_t> rest() const { return rest_; }

 private:
  uint8_t take() { return take(1)[0]; }

  std::vector<uint8_t> take(size_t wanted) {
    const auto taken = rest_.first(std::min(wanted, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    std::vector<uint8_t> bytes(taken.begin(), taken.end());
    bytes.resize(wanted);
    return bytes;
  }

  // A sign and a size of 2^-16 ... 2^15, four to an octave; zero, infinity and NaN among them.
  static float weight(uint8_t byte) {
    const uint32_t sign = static_cast<uint32_t>(byte >> 7) << 31, size = byte & 127;
    if (size == 0) return std::bit_cast<float>(sign);
    if (size >= 126) return std::bit_cast<float>(sign | 0x7F800000 | (size - 126) << 22);
    return std::bit_cast<float>(sign | (size + 444) << 21);
  }

  std::span<const uint8_t> rest_;
  MaskProfile profile_;
  MaskShape shape_;
  uint32_t off_share_ = 0;
  std::vector<float> weights_;
  std::vector<uint8_t> parent_;
};

}  // namespace submask
