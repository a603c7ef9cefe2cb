// Packed bits: one bit a weight, least significant bit first, zeros after the last weight.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "codec/bit_map.h"

namespace submask {

// The bytes of the packed bits of so many weights.
constexpr size_t packed_bytes(int64_t weights) { return static_cast<size_t>((weights + 7) / 8); }

inline bool bit_at(std::span<const uint8_t> bits, size_t weight) {
  return (bits[weight / 8] >> weight % 8 & 1) != 0;
}

// The number of weights that are on.
inline int64_t count_on(std::span<const uint8_t> bits) {
  int64_t on = 0;
  for (size_t first = 0; first < bits.size(); first += 8)
    on += count_bits(load_map(bits.subspan(first)));
  return on;
}

// The last byte of the packed bits of so many weights (at least one) that are all on.
inline uint8_t last_byte(size_t weights) {
  return static_cast<uint8_t>((2U << (weights - 1) % 8) - 1);
}

// Returns false where `coded` is not as long as `bits`, or a bit after the last weight is set.
[[nodiscard]] inline bool copy_packed_bits(std::span<const uint8_t> coded, size_t weights,
                                           std::span<uint8_t> bits) {
  if (coded.size() != bits.size()) return false;
  std::copy(coded.begin(), coded.end(), bits.begin());
  return (bits.back() & ~last_byte(weights)) == 0;
}

}  // namespace submask
