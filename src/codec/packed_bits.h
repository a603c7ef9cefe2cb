// Bits as they are: one a weight, least significant first, zeros after the last.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace submask {

// The bits that the last byte of so many weights (at least one) has.
inline uint8_t last_byte(size_t weights) {
  return static_cast<uint8_t>((2U << (weights - 1) % 8) - 1);
}

// False where `coded` is not as long as `bits`, or anything follows the last weight's bit.
[[nodiscard]] inline bool copy_packed_bits(std::span<const uint8_t> coded, size_t weights,
                                           std::span<uint8_t> bits) {
  if (coded.size() != bits.size()) return false;
  std::copy(coded.begin(), coded.end(), bits.begin());
  return (bits.back() & ~last_byte(weights)) == 0;
}

}  // namespace submask
