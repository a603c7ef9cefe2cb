#include "report/table/result_number.h"

#include "base/fail.h"

namespace submask {

std::optional<double> result_number(const nlohmann::json& result, const std::string& name) {
  if (!result.is_object()) return std::nullopt;
  if (const auto found = result.find(name); found != result.end())
    return found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
  const size_t dot = name.find('.');
  if (dot == std::string::npos) return std::nullopt;
  const auto within = result.find(name.substr(0, dot));
  if (within == result.end()) return std::nullopt;
  return result_number(*within, name.substr(dot + 1));
}

const std::vector<std::string>& usual_numbers() {
  // clang-format off
  static const std::vector<std::string> names = {
      "accuracy", "mean_class_accuracy", "top5_accuracy", "knn_accuracy", "lp_accuracy",
      "validation_accuracy", "masked_fraction", "task_bytes", "cascade_bytes", "seconds",
      "images_per_second", "waiting_share", "epochs", "labelled_images", "ece", "n", "k",
      "temperature", "l2", "seed"};
  // clang-format on
  return names;
}

std::vector<std::string> number_names(const nlohmann::json& result) {
  std::vector<std::string> names, inner_names;
  for (const auto& [name, value] : result.items()) {
    if (value.is_number()) names.push_back(name);
    if (!value.is_object()) continue;
    for (const std::string& inner : number_names(value))
      inner_names.push_back(text(name, ".", inner));
  }
  names.insert(names.end(), inner_names.begin(), inner_names.end());
  return names;
}

}  // namespace submask
