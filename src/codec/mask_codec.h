// Mask bits <-> bytes, given what every reader has: the backbone's weights.
//
// A mask unit is coded in blocks of whole outputs, each on its own, so that blocks are coded on all
// cores and one can be read alone. The arithmetic is in integers: any platform gives the same
// bytes. Bytes carry no check of their own (src/mask seals them and the bits they stand for):
// decoding damaged ones, or with other weights, gives false or other bits, and never reads or
// writes astray.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <submask/mask_profile.h>

#include "codec/mask_shape.h"

namespace submask {

// The coder of `small` that is written. 1, which knows nothing of a weight's place in its kernel,
// is that of task files before version 3. The other profiles have had one.
inline constexpr int mask_coder = 2;

// Packed bits are one a weight, row-major, least significant first, 1 = on, zeros after the last.
struct MaskBlock {
  MaskShape shape;
  std::span<const float> weights;   // the backbone's, shape.count() of them
  std::span<const uint8_t> parent;  // packed bits of the parent task's mask here; empty: no parent
  uint32_t off_share = 0;           // of the whole unit, in 65536ths, rounded to nearest
  int coder = mask_coder;
};

// off_share of a unit with `on` of `count` weights on.
inline uint32_t off_share(int64_t on, int64_t count) {
  return static_cast<uint32_t>(((count - on) * 65536 + count / 2) / count);
}

// Outputs in a block of a unit (its last block may have fewer): a multiple of 8, so that a block's
// bits begin on a byte.
int64_t outputs_per_block(const MaskShape& unit);

std::vector<uint8_t> encode_mask(MaskProfile profile, const MaskBlock& block,
                                 std::span<const uint8_t> bits);

// Fills `bits`, (n + 7) / 8 bytes. False, with `bits` in any state, for bytes that encode_mask()
// does not write for such a block, as far as the profile can tell.
[[nodiscard]] bool decode_mask(MaskProfile profile, const MaskBlock& block,
                               std::span<const uint8_t> coded, std::span<uint8_t> bits);

}  // namespace submask
