// The numbers of an epoch, with the same names in grids, CSV files and TensorBoard.
#pragma once

#include <string>
#include <vector>

#include <submask/train.h>

#include "run/result_json.h"

namespace submask {

// All names, in the order of the columns of a table.
const std::vector<std::string>& epoch_metric_names();

// The numbers that this kind of run has, by name. Accuracies and fractions are within [0, 1].
ResultJson epoch_metrics(const TrainProgress& progress);

}  // namespace submask
