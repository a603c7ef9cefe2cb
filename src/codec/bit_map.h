// Packed bits in words of 64: bit j of a word belongs to weight j.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/ceil_div.h"

namespace submask {

constexpr size_t map_weights = 64;

// The number of words that hold the bits of so many weights.
constexpr size_t map_words(size_t weights) { return ceil_div(weights, map_weights); }

// A word with the bits of the first `count` weights set, at least 1; all bits for 64 and more.
constexpr uint64_t first_bits(size_t count) {
  return ~uint64_t{0} >> (map_weights - std::min(count, map_weights));
}

// The first word of `bits`; bits past their end are zero.
inline uint64_t load_map(std::span<const uint8_t> bits) {
  uint64_t map = 0;
  if (std::endian::native == std::endian::little && bits.size() >= 8) {
    std::memcpy(&map, bits.data(), 8);  // GCC makes eight loads of the loop below
    return map;
  }
  for (size_t i = 0; i < std::min<size_t>(bits.size(), 8); ++i)
    map |= static_cast<uint64_t>(bits[i]) << (8 * i);
  return map;
}

// Writes as many bytes of the word as `bits` has room for, at most 8.
inline void store_map(uint64_t map, std::span<uint8_t> bits) {
  for (size_t i = 0; i < std::min<size_t>(bits.size(), 8); ++i)
    bits[i] = static_cast<uint8_t>(map >> (8 * i));
}

// As std::popcount(), which the compiler makes a call where the processor may lack the instruction.
inline uint32_t count_bits(uint64_t map) {
  map -= map >> 1 & 0x5555555555555555;
  map = (map & 0x3333333333333333) + (map >> 2 & 0x3333333333333333);
  map = (map + (map >> 4)) & 0x0F0F0F0F0F0F0F0F;
  return static_cast<uint32_t>(map * 0x0101010101010101 >> 56);
}

// A word with only the lowest set bit of `map`.
inline uint64_t lowest_bit(uint64_t map) { return map & (~map + 1); }

inline uint64_t without_lowest(uint64_t map) { return map & (map - 1); }

}  // namespace submask
