// Batch norm's running statistics <-> one tensor of them all.
#pragma once

#include <string>

#include <submask/task_file.h>

namespace submask {

// Fills norms, statistics and statistics_base of `into`. `form`: half, float16 differences from
// `backbone`'s buffers, as long as all are finite in it; else exact, and without a backbone (null),
// float32 values. Throws invalid_argument for statistics that are not a mean and a variance
// of each norm.
void pack_statistics(const TensorMap& statistics, const Backbone* backbone, StatisticsForm form,
                     PackedTask& into);

// Of the norms alone: tensors of the right shapes, to be checked against a backbone.
TensorMap statistics_shapes(const PackedTask& packed);

// The statistics; `backbone` may be null where they are float32. Throws invalid_argument where the
// backbone's are not those that the differences are from.
TensorMap unpack_statistics(const PackedTask& packed, const Backbone* backbone);

}  // namespace submask
