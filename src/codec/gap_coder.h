// The fast profile: distances between weights that are off, class of magnitude by class, by static
// rANS tables (Duda 2013).
//
//   nothing          where no weight is off
//   31, packed bits  where the rest would be no shorter
//   5 bits a class   the step of its table (gap_table.h), 0 ... 30, as low_bits.h writes them
//   4 bytes          the state, little-endian
//   some bytes       low bits of distances (low_bits.h)
//   the rest         words of the state, 16 bits, little-endian, read from the end backwards
//
// Chunks of 65536 weights follow one another in the streams; in each, class by class, distances to
// the next weight that is off, and one that leads past the class's end.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace submask {

// `bits`: one a weight, least significant first, 1 = on; zeros after the last. `parent`: the same,
// or empty. There is at least one weight.
std::vector<uint8_t> encode_gaps(std::span<const float> weights, std::span<const uint8_t> parent,
                                 std::span<const uint8_t> bits);

// Fills `bits`, (n + 7) / 8 bytes. False, with `bits` in any state, for bytes that encode_gaps()
// does not write for such weights, as far as can be told.
[[nodiscard]] bool decode_gaps(std::span<const uint8_t> coded, std::span<const float> weights,
                               std::span<const uint8_t> parent, std::span<uint8_t> bits);

}  // namespace submask
