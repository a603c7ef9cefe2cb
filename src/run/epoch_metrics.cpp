#include "run/epoch_metrics.h"

namespace submask {

const std::vector<std::string>& epoch_metric_names() {
  static const std::vector<std::string> names = {"loss",
                                                 "masked_fraction",
                                                 "training_accuracy",
                                                 "validation_accuracy",
                                                 "assignment_entropy",
                                                 "prototypes_in_use"};
  return names;
}

ResultJson epoch_metrics(const TrainProgress& progress) {
  ResultJson metrics = {{"loss", progress.loss}, {"masked_fraction", progress.masked_fraction}};
  if (const auto& watched = progress.self_supervised) {
    metrics["assignment_entropy"] = watched->assignment_entropy;
    metrics["prototypes_in_use"] = watched->prototypes_in_use;
  } else {
    metrics["training_accuracy"] = progress.accuracy;
  }
  if (progress.validation_accuracy) metrics["validation_accuracy"] = *progress.validation_accuracy;
  return metrics;
}

}  // namespace submask
