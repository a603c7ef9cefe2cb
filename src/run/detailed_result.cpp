#include "run/detailed_result.h"

#include <cmath>

#include "evaluate/training_set.h"

namespace submask {

void add_details(const ClassificationReport& report, const std::vector<std::string>& class_names,
                 ResultJson& result) {
  result["top5_accuracy"] = report.top5_accuracy;
  result["ece"] = report.ece;
  ResultJson& classes = result["class_accuracy"] = ResultJson::object();
  for (size_t i = 0; i < class_names.size(); ++i) {
    const double accuracy = report.class_accuracy(static_cast<int64_t>(i));
    classes[class_names[i]] = std::isnan(accuracy) ? ResultJson() : ResultJson(accuracy);
  }
}

void add_training_set(const Dataset& dataset, const Features& features, ResultJson& result) {
  const TrainingSetProperties set = describe_training_set(dataset, features);
  result["training_set"] = {
      {"classes", set.classes},
      {"images", set.images},
      {"label_entropy", set.label_entropy},
      {"class_balance", set.class_balance},
      {"image_size", set.image_size},
      {"class_distance",
       std::isnan(set.class_distance) ? ResultJson() : ResultJson(set.class_distance)}};
}

}  // namespace submask
