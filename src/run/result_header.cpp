#include "run/result_header.h"

#include <set>

#include <submask/version.h>
#include <submask/weight_file.h>

#include "base/fail.h"
#include "base/names.h"

namespace submask {

ResultJson result_header(const std::string& method, const Backbone& backbone,
                         const DataOrigin& data) {
  ResultJson result{{"method", method},
                    {"backbone", backbone.info().name},
                    {"weights_identity", backbone.identity()},
                    {"data", data.spec},
                    {"data_digest", data.data.train->digest()},
                    {"test_digest", data.data.test->digest()},
                    {"seed", data.seed},
                    {"commit", commit()}};
  if (data.data.validation) result["validation_digest"] = data.data.validation->digest();
  if (!data.data.passed_over.empty())
    result["passed_over"] = passed_over_json(data.data.passed_over);
  return result;
}

ResultJson passed_over_json(const std::vector<PassedOver>& passed_over) {
  ResultJson list = ResultJson::array();
  for (const PassedOver& files : passed_over)
    list.push_back({{"what", files.what},
                    {"count", files.count},
                    {"first", files.first},
                    {"loss", files.is_loss}});
  return list;
}

void add_damaged_images(const DataSplits& data, const RunHooks& hooks, ResultJson& result) {
  std::set<std::string> names;
  for (const auto& part : {data.train, data.validation, data.test})
    if (part != nullptr)
      for (const std::string& name : part->damaged_images()) names.insert(name);
  if (names.empty()) return;
  result["damaged_images"] = names;
  if (hooks.note)
    hooks.note(text(names.size(), " damaged images decode all the same, the first ", *names.begin(),
                    " (--strict-images refuses them)"));
}

void add_accuracy(const Accuracy& accuracy, const Measurement& measurement, ResultJson& result) {
  result["accuracy"] = accuracy.accuracy;
  result["mean_class_accuracy"] = accuracy.mean_class_accuracy;
  result["n"] = accuracy.count;
  if (!measurement.bad_images().empty()) result["bad_images"] = measurement.bad_images();
}

void record_provenance(const ResultJson& result, std::string& provenance) {
  ResultJson record = ResultJson::parse(provenance);
  for (const char* key :
       {"method", "data", "seed", "commit", "epochs", "accuracy", "mean_class_accuracy", "n",
        "byte_price", "dispatcher", "conditional", "unconditional"})
    if (result.contains(key)) record[key] = result[key];
  provenance = json_text(record);
}

int64_t provenance_bytes(const RunSpec& spec) {
  const ResultJson likely{{"method", name_of(spec.learn()->method)},
                          {"data", spec.data.spec},
                          {"seed", spec.compute.seed},
                          {"commit", commit()},
                          {"epochs", 100},
                          {"accuracy", .1234},
                          {"mean_class_accuracy", 1. / 3},
                          {"n", 10000},
                          {"byte_price", 1. / 3}};
  return bytes_within_json(likely);
}

void write_state_dict(const TrainResult& trained, const std::string& path) {
  const ResultJson classes = trained.task.classes;
  write_safetensors(
      path, trained.state_dict,
      {{"format", "pt"}, {"classes", json_text(classes)}, {"provenance", trained.task.provenance}});
}

}  // namespace submask
