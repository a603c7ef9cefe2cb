// Converts the masks of all units to coded blocks (codec/mask_codec.h) and back, on all threads.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include <submask/task_file.h>

namespace submask {

// Returns theta of each of a task's units, in their order: float32, contiguous, on the CPU. The
// task must have passed check_task_fits().
std::vector<at::Tensor> weights_of_units(const std::vector<UnitMask>& units,
                                         const Backbone& backbone);

// Fills `masks` and `coded` of `into`, whose profile and coder are set. `weights` has one tensor a
// unit; the plain profile needs none, and the list may then be empty. A unit is coded against the
// parent's unit of the same name and shape, where there is one.
void pack_masks(const std::vector<UnitMask>& units, const std::vector<at::Tensor>& weights,
                const Task* parent, PackedTask& into);

// Returns the number of blocks in which a unit of this shape is coded.
int64_t blocks_of_mask(const std::vector<int64_t>& shape);

// Returns the units of a packed task with names, shapes and counts, but without bits.
std::vector<UnitMask> units_without_bits(const PackedTask& packed);

// Fills in the bits of `units`, which come from units_without_bits(). Throws corrupt_file where
// they are not the bits that were packed, and invalid_argument where the coded bytes do not fit the
// list of blocks.
void unpack_masks(const PackedTask& packed, const std::vector<at::Tensor>& weights,
                  const Task* parent, std::vector<UnitMask>& units);

}  // namespace submask
