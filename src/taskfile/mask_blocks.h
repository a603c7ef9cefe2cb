// Converts the masks of all units to coded blocks (codec/mask_codec.h) and back, on the caller's
// threads.
#pragma once

#include <span>
#include <vector>

#include <submask/packed_task.h>

#include "kernels/mask_kernels.h"

namespace submask {

// Theta of each of a task's units, in their order, float32, contiguous. The list may be empty for
// the profile plain, which needs none.
using UnitWeights = std::vector<std::span<const float>>;

// Fills `masks` and `coded` of `into`, whose profile is set. A unit is coded against the parent's
// unit of the same name and shape, where there is one. Throws invalid_argument for weights of
// another number than a unit has.
void pack_masks(const kernels::ParallelFor& parallel_for, const std::vector<UnitMask>& units,
                const UnitWeights& weights, const TaskMasks* parent, PackedTask& into);

// What the profile small takes for masks without a parent: of each unit the prices of its weights
// (codec/mask_codec.h), and the bytes of all.
struct MaskPrices {
  std::vector<std::vector<float>> units;
  double bytes = 0;
};
MaskPrices price_masks(const kernels::ParallelFor& parallel_for, const std::vector<UnitMask>& units,
                       const UnitWeights& weights);

// Returns the number of blocks in which a unit of this shape is coded.
int64_t blocks_of_mask(const std::vector<int64_t>& shape);

// Returns the units with their bits. Throws corrupt_file where they are not the bits that were
// packed, and invalid_argument where the weights do not fit.
std::vector<UnitMask> unpack_masks(const kernels::ParallelFor& parallel_for,
                                   const PackedTask& packed, const UnitWeights& weights,
                                   const TaskMasks* parent);

// Where the coded bytes of each mask begin in `packed.coded`.
std::vector<uint64_t> first_coded_bytes(const PackedTask& packed);

// Unpacks the mask of one unit, whose coded bytes begin at `first`. `parent` are packed bits of the
// parent's unit; empty: none.
UnitMask unpack_mask(const kernels::ParallelFor& parallel_for, const PackedTask& packed,
                     size_t unit, uint64_t first, std::span<const float> weights,
                     std::span<const uint8_t> parent);

}  // namespace submask
