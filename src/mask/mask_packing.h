// The masks of all units <-> coded blocks (codec/mask_codec.h), on all threads.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include <submask/task_file.h>

namespace submask {

// theta of each unit that `task` names, float32, contiguous, on the CPU, in the task's order; for
// check_task_fits() to have passed.
std::vector<at::Tensor> weights_of_units(const std::vector<UnitMask>& units,
                                         const Backbone& backbone);

// Fills masks and coded of `into`, whose profile is set. `weights`: one tensor a unit; not looked
// at, and may be empty, for plain. A unit is coded against the parent's of the same name and shape.
void pack_masks(const std::vector<UnitMask>& units, const std::vector<at::Tensor>& weights,
                const Task* parent, PackedTask& into);

// Blocks that a unit of this shape is coded in.
int64_t blocks_of_mask(const std::vector<int64_t>& shape);

// Names, shapes and counts, without bits.
std::vector<UnitMask> units_without_bits(const PackedTask& packed);

// Fills in the bits of these. Throws corrupt_file where they are not those that were packed.
void unpack_masks(const PackedTask& packed, const std::vector<at::Tensor>& weights,
                  const Task* parent, std::vector<UnitMask>& units);

}  // namespace submask
