// The masked fraction of each mask unit, in network order, of one task or as the mean of several.
#pragma once

#include <string>
#include <vector>

#include <submask/task_file.h>

#include "report/chart/bar_chart.h"

namespace submask {

// With several tasks, which all have the same mask units, whiskers show the standard deviation.
// Throws invalid_argument where the tasks have no mask.
BarChart layer_chart(const std::vector<PackedTask>& tasks);

}  // namespace submask
