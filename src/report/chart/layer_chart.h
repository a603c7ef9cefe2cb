// The masked fraction of each mask unit, in network order, of one task or as the mean of several.
#pragma once

#include <string>
#include <vector>

#include <submask/task_file.h>

#include "report/chart/bar_chart.h"

namespace submask {

// Whiskers where there are several tasks: a standard deviation. All have the first one's units;
// there is at least one. Throws invalid_argument where it has no mask.
BarChart layer_chart(const std::vector<PackedTask>& tasks);

}  // namespace submask
