// The numbers of an epoch as all that keeps or draws them has them: grids, CSV files, TensorBoard.
#pragma once

#include <string>
#include <vector>

#include <submask/train.h>

#include "run/result_json.h"

namespace submask {

// Every name that there is, in the order of a table's columns.
const std::vector<std::string>& epoch_metric_names();

// Those that a run of this kind has, by name; accuracies and fractions within [0, 1].
ResultJson epoch_metrics(const TrainProgress& progress);

}  // namespace submask
