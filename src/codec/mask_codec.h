// Mask bits <-> bytes, given what every reader has: the backbone's weights.
//
// A mask unit is coded in blocks of whole outputs. Blocks do not depend on each other, so they are
// coded on all cores, and one can be read alone. The arithmetic is in integers, so every platform
// gives the same bytes. The bytes have no checksum; src/taskfile seals them and the bits that they
// stand for. Decoding of damaged bytes, or with other weights, gives false or wrong bits, and never
// reads or writes outside its arrays.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <submask/mask_profile.h>

#include "codec/mask_shape.h"

namespace submask {

// Packed bits have one bit a weight, row-major, least significant bit first, 1 = on, and zeros
// after the last weight.
struct MaskBlock {
  MaskShape shape;
  std::span<const float> weights;   // the backbone's, shape.count() of them
  std::span<const uint8_t> parent;  // packed bits of the parent task's block; empty: no parent
  uint32_t off_share = 0;           // of the whole unit, in 65536ths
};

// The share of weights that are off, where `on` of `count` are on: in 65536ths, rounded to nearest.
inline uint32_t off_share(int64_t on, int64_t count) {
  return static_cast<uint32_t>(((count - on) * 65536 + count / 2) / count);
}

// The number of outputs in each block of a unit; the last block may have fewer. It is a multiple of
// 8, so that the bits of each block begin on a whole byte.
int64_t outputs_per_block(const MaskShape& unit);

std::vector<uint8_t> encode_mask(MaskProfile profile, const MaskBlock& block,
                                 std::span<const uint8_t> bits);

// Fills `prices`, one a weight: by how many bits the profile small takes more to say that the
// weight is off than to say that it is on, where all weights before it have the bits given. Returns
// the bits that the whole block takes.
double price_mask(const MaskBlock& block, std::span<const uint8_t> bits, std::span<float> prices);

// Fills `bits`, (n + 7) / 8 bytes. Returns false, with `bits` in any state, for bytes that are
// found not to be those of encode_mask() for this block; how many are found depends on the profile.
[[nodiscard]] bool decode_mask(MaskProfile profile, const MaskBlock& block,
                               std::span<const uint8_t> coded, std::span<uint8_t> bits);

}  // namespace submask
