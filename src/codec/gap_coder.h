// The fast profile: distances between weights that are off, class by class, by static rANS tables
// (Duda 2013).
//
//   nothing          where no weight is off
//   31, packed bits  where the rest would be no shorter
//   63, 2 bits a place of the kernel: its group (weight_classes.h); where that makes it shorter
//   5 bits a class   the step of its table (gap_table.h), 0 ... 30
//   4 bytes          the state, little-endian
//   some bytes       low bits of distances
//   the rest         words of the state, 16 bits, little-endian, read from the end backwards
//
// Groups, steps and low bits lie as low_bits.h writes them, each from a byte of its own on. Chunks
// of 65536 weights follow one another in the streams; in each, class by class, distances to the
// next weight that is off, and one that leads past the class's end.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/mask_codec.h"

namespace submask {

// `bits`: packed. There is at least one weight.
std::vector<uint8_t> encode_gaps(const MaskBlock& block, std::span<const uint8_t> bits);

// Fills `bits`, (n + 7) / 8 bytes. False, with `bits` in any state, for bytes that encode_gaps()
// does not write for such weights, as far as can be told.
[[nodiscard]] bool decode_gaps(std::span<const uint8_t> coded, const MaskBlock& block,
                               std::span<uint8_t> bits);

}  // namespace submask
