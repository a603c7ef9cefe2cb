// How large a weight is among those of its block. Only the bits of float32 values are used, because
// arithmetic could round differently on another machine.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/ceil_div.h"

namespace submask {

// The exponent and the first two bits of the mantissa. It rises with |weight|, four keys an octave.
inline uint32_t magnitude_key(float weight) {
  return (std::bit_cast<uint32_t>(weight) & 0x7FFFFFFF) >> 21;
}

class MagnitudeScale {
 public:
  static constexpr int bins = 40;
  static constexpr int keys = 1024;

  // The median is taken over every s-th weight, with s odd and such that about 8192 weights are
  // used.
  explicit MagnitudeScale(std::span<const float> weights) {
    const size_t stride = weights.size() >> 13 | 1;
    const size_t sampled = ceil_div(weights.size(), stride);
    std::array<uint32_t, keys> counts{};
    for (size_t i = 0; i < weights.size(); i += stride) ++counts[magnitude_key(weights[i])];
    size_t below = 0;
    while (median_ < keys - 1 && (below += counts[static_cast<size_t>(median_)]) * 2 < sampled)
      ++median_;
  }

  // 0 ... bins-1. A weight with the median's key is in bin 28.
  int bin(float weight) const {
    return std::clamp(static_cast<int>(magnitude_key(weight)) - median_ + 28, 0, bins - 1);
  }

  // The least key of a weight in `bin` or above, for bins above 0; `keys` where no key is so large.
  int first_key(int bin) const { return std::clamp(median_ - 28 + bin, 0, keys); }

 private:
  int median_ = 0;  // a key
};

}  // namespace submask
