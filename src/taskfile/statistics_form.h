// Packs batch norm's running statistics into one array, and unpacks them.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <submask/packed_task.h>

namespace submask {

// A backbone's running means and variances by buffer name, [C] each.
using BaseStatistics = std::map<std::string, std::span<const float>>;

// Fills `norms`, `statistics` and `statistics_base` of `into`. The half form stores float16
// differences from `base`. The exact form stores float32 values; so does the half form where `base`
// is null, and where rounding would change a variance too much. Throws invalid_argument for arrays
// that are not running means or variances, F32 [C], and for those that `base` lacks.
void pack_statistics(const ArrayMap& statistics, const BaseStatistics* base, StatisticsForm form,
                     PackedTask& into);

// Returns the values of all statistics in the order of the file. `base` are the backbone's in that
// order, V in all; it may be none where they are stored as float32. Throws invalid_argument where
// the differences were taken from other statistics.
std::vector<float> restore_statistics(const PackedTask& packed,
                                      std::optional<std::vector<float>> base);

// Returns the statistics by buffer name, F32 [C]. `base` may be null where they are stored as
// float32. Throws invalid_argument where the differences were taken from other statistics.
ArrayMap unpack_statistics(const PackedTask& packed, const BaseStatistics* base);

}  // namespace submask
