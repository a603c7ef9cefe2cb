// The fast profile codes the distances between weights that are off, class by class, with static
// rANS tables (Duda 2013).
//
//   nothing          where no weight is off
//   31, packed bits  where the form below would be longer than the packed bits
//   63, 2 bits for each position in the kernel: its group (weight_classes.h); left out where the
//                    bytes are no shorter with groups
//   5 bits a class   the step of its table (gap_table.h), 0 ... 30
//   4 bytes          the state, little-endian
//   some bytes       low bits of distances
//   the rest         words of the state, 16 bits, little-endian, read from the end backwards
//
// Groups, steps and low bits are each written by low_bits.h and each begin on a whole byte. The
// streams hold one chunk of 65536 weights after the other. A chunk holds, class by class, the
// distances to the next weight that is off, and a last one that leads past the end of the class.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/mask_codec.h"

namespace submask {

// `bits` are packed. There must be at least one weight.
std::vector<uint8_t> encode_gaps(const MaskBlock& block, std::span<const uint8_t> bits);

// Fills `bits`, (n + 7) / 8 bytes. Returns false, with `bits` in any state, for bytes that are
// found not to be those of encode_gaps() for these weights.
[[nodiscard]] bool decode_gaps(std::span<const uint8_t> coded, const MaskBlock& block,
                               std::span<uint8_t> bits);

}  // namespace submask
