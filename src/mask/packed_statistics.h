// Packs batch norm's running statistics into one tensor, and unpacks them.
#pragma once

#include <string>

#include <submask/task_file.h>

namespace submask {

// Fills `norms`, `statistics` and `statistics_base` of `into`. The half form stores float16
// differences from the backbone's buffers. The exact form stores float32 values; so does the half
// form without a backbone (null), and where rounding would change a variance too much. Throws
// invalid_argument for tensors that are not running means or variances of shape [C].
void pack_statistics(const TensorMap& statistics, const Backbone* backbone, StatisticsForm form,
                     PackedTask& into);

// Returns tensors of the shapes that the norms state, with any values, to be checked against a
// backbone.
TensorMap statistics_shapes(const PackedTask& packed);

// Returns the statistics by buffer name, float32. `backbone` may be null where they are stored as
// float32. Throws invalid_argument where the differences were taken from other statistics than the
// backbone's.
TensorMap unpack_statistics(const PackedTask& packed, const Backbone* backbone);

}  // namespace submask
