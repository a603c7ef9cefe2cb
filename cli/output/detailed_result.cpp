#include "cli/output/detailed_result.h"

#include <cmath>

#include "evaluate/training_set.h"
#include "report/page/evaluation_page.h"

namespace submask::cli {

void add_details(const ClassificationReport& report, const std::vector<std::string>& class_names,
                 Json& result) {
  result["top5_accuracy"] = report.top5_accuracy;
  result["ece"] = report.ece;
  Json& classes = result["class_accuracy"] = Json::object();
  for (size_t i = 0; i < class_names.size(); ++i) {
    const double accuracy = report.class_accuracy(static_cast<int64_t>(i));
    classes[class_names[i]] = std::isnan(accuracy) ? Json() : Json(accuracy);
  }
}

void add_training_set(const Dataset& dataset, const Features& features, Json& result) {
  const TrainingSetProperties set = describe_training_set(dataset, features);
  result["training_set"] = {
      {"classes", set.classes},
      {"images", set.images},
      {"label_entropy", set.label_entropy},
      {"class_balance", set.class_balance},
      {"image_size", set.image_size},
      {"class_distance", std::isnan(set.class_distance) ? Json() : Json(set.class_distance)}};
}

void write_page(const std::string& path, const ClassificationReport& report, const Features& test,
                const Dataset& dataset, const Json& result) {
  const auto shown = [](const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
  };
  EvaluationPage page{
      shown(result["data"]) + ": " + shown(result["method"]) + " on " + shown(result["backbone"]),
      {},
      report,
      test,
      dataset};
  for (const char* name :
       {"method", "backbone", "weights", "weights_identity", "task", "masked_fraction", "cascade",
        "task_bytes", "data", "data_digest", "labels", "k", "temperature", "l2", "prompts", "n",
        "epochs", "seed", "commit"})
    if (result.contains(name)) page.facts.emplace_back(name, shown(result[name]));
  if (!test.skipped.empty())
    page.facts.emplace_back("images that do not decode", std::to_string(test.skipped.size()));
  write_evaluation_page(path, page);
}

}  // namespace submask::cli
