#include "evaluate/fitted_head.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/json_text.h"

namespace submask {

void fit_head(const FitSettings& settings, const DataSplits& data, Measurement& measurement,
              PackedTask& task) {
  set_head(task, settings.probe == ProbeKind::lp ? measurement.probe_head(settings.l2)
                                                 : measurement.neighbour_head(settings.knn));
  task.classes = data.train->class_names();
}

void record_fit(const std::string& facts, PackedTask& task) {
  using Json = nlohmann::ordered_json;
  Json provenance = Json::parse(task.provenance);
  provenance["fit"] = Json::parse(facts);
  task.provenance = json_text(provenance);
}

std::vector<std::string> classes_without_images(const Dataset& train) {
  std::set<int64_t> present;
  for (int64_t i = 0; i < train.size(); ++i) present.insert(train.label(i));
  std::vector<std::string> missing;
  for (size_t i = 0; i < train.class_names().size(); ++i)
    if (!present.contains(static_cast<int64_t>(i))) missing.push_back(train.class_names()[i]);
  return missing;
}

}  // namespace submask
