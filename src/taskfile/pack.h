// Packs tasks of plain arrays and unpacks them, given the backbone's values.
#pragma once

#include <string>

#include <submask/packed_task.h>

#include "kernels/mask_kernels.h"
#include "taskfile/mask_blocks.h"
#include "taskfile/statistics_form.h"

namespace submask {

// A task as bits and float32 arrays.
struct UnpackedTask : TaskMasks {
  ArrayMap statistics;  // running means and variances by buffer name, F32 [C]
  ArrayMap head;        // F32, by the names of head_shape.h; empty: none
};

// What the writer and the reader of a task both have of its backbone. What they point to must
// outlive their use.
struct BackboneValues {
  UnitWeights weights;        // theta of the task's units; empty: masks are plain
  BaseStatistics statistics;  // may hold more than the task's
};

// Packs a task; without a backbone (null) as exact statistics, and in the profile plain alone.
// Forms other than exact round the task. Throws invalid_argument for a parent over other weights,
// for units whose bits do not fit their shape and count, for arrays that are no statistics or head,
// and for a head that its form cannot hold.
PackedTask pack(const kernels::ParallelFor& parallel_for, const UnpackedTask& task,
                const BackboneValues* backbone, const PackOptions& options);

// Unpacks a task. `backbone` may be null where needs_backbone() is false. Throws invalid_argument
// where the backbone's values or the parent are not those that the task was packed with, and
// corrupt_file where the bits are not those that were packed.
UnpackedTask unpack(const kernels::ParallelFor& parallel_for, const PackedTask& packed,
                    const BackboneValues* backbone, const TaskMasks* parent);

// Whether masks or statistics are stored as differences from what the backbone has.
bool needs_backbone(const PackedTask& packed);

// Replaces the head by another, or by none, and removes the signature. Throws invalid_argument for
// what is no head, and for a head that the form cannot hold.
void set_head(PackedTask& packed, const ArrayMap& head, HeadForm form);

}  // namespace submask
