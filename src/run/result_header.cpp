#include "run/result_header.h"

#include <submask/version.h>
#include <submask/weight_file.h>

namespace submask {

ResultJson result_header(const std::string& method, const Backbone& backbone,
                         const DataOrigin& data) {
  return {{"method", method},
          {"backbone", backbone.info().name},
          {"weights_identity", backbone.identity()},
          {"data", data.spec},
          {"data_digest", data.digest},
          {"seed", data.seed},
          {"commit", commit()}};
}

void add_accuracy(const Accuracy& accuracy, const Measurement& measurement, ResultJson& result) {
  result["accuracy"] = accuracy.accuracy;
  result["mean_class_accuracy"] = accuracy.mean_class_accuracy;
  result["n"] = accuracy.count;
  if (!measurement.bad_images().empty()) result["bad_images"] = measurement.bad_images();
}

void record_provenance(const ResultJson& result, std::string& provenance) {
  ResultJson record = ResultJson::parse(provenance);
  for (const char* key : {"method", "data", "seed", "commit", "epochs", "accuracy",
                          "mean_class_accuracy", "n", "dispatcher", "conditional", "unconditional"})
    if (result.contains(key)) record[key] = result[key];
  provenance = json_text(record);
}

void write_state_dict(const TrainResult& trained, const std::string& path) {
  const ResultJson classes = trained.task.classes;
  write_safetensors(
      path, trained.state_dict,
      {{"format", "pt"}, {"classes", json_text(classes)}, {"provenance", trained.task.provenance}});
}

}  // namespace submask
