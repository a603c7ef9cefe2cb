#include "run/fit_run.h"

#include <chrono>
#include <filesystem>

#include "base/fail.h"
#include "base/joined.h"
#include "base/output_file.h"
#include "cascade/adaptation.h"
#include "run/opened.h"
#include "run/result_header.h"
#include "run/run_fields.h"
#include "run/task_source.h"

namespace submask {
namespace {

// The facts that the task file keeps about its head.
ResultJson fit_facts(const FitSpec& spec, const ResultJson& result) {
  ResultJson facts = {{"probe", spec.fit.probe}, {"labels", spec.data.labels.value_or("")}};
  for (const char* key :
       {"data", "data_digest", "labelled_images", "seed", "commit", "accuracy", "n"})
    facts[key] = result[key];
  if (spec.fit.probe == ProbeKind::lp && spec.fit.l2) facts["l2"] = *spec.fit.l2;
  return facts;
}

}  // namespace

const Section<FitSettings>& fit_fields() {
  using S = FitSettings;
  static const Section<S> section = [] {
    Section<S> fields = lifted(&S::knn, knn_fields());
    fields.fields.push_back(
        {"probe", &S::probe, "lp (linear probe) or knn (a bank of the labelled images' features)"});
    fields.fields.push_back(
        {"probe-l2", &S::l2, "Lambda of the linear probe; default: .01 / images", {at_least(0)}});
    return fields;
  }();
  return section;
}

ResultJson fit_task(const FitSpec& spec, const RunHooks& hooks) {
  const auto start = std::chrono::steady_clock::now();
  apply(spec.compute);
  const std::string source = task_path(spec.task);
  PackedTask task = read_packed_task(source);
  if (spec.out.empty() && source != spec.task) fail_argument("--out FILE for " + spec.task, "none");
  const std::string out = spec.out.empty() ? spec.task : spec.out;
  check_writable(out);
  const auto backbone = load_backbone(spec.backbone, spec.compute, task.backbone);
  tell_choices(*backbone, hooks);
  AdaptedNetwork network(*backbone);
  network.select(read_task(source, *backbone));
  const DataSplits data = open_data(spec.data, spec.compute);
  tell_choices(data, hooks);
  if (const auto missing = classes_without_images(*data.train); !missing.empty() && hooks.note)
    hooks.note("no labelled image of " + joined(missing) + ": such a class is never answered");
  task.preprocessing = test_transform(spec.input, task.preprocessing).preprocessing;
  Measurement measurement(*backbone, data,
                          {.preprocessing = task.preprocessing,
                           .input = spec.input,
                           .feature_cache = spec.feature_cache,
                           .hooks = {hooks.note, hooks.images}});

  const std::string probe = name_of(spec.fit.probe);
  ResultJson result = result_header(probe, *backbone, {spec.data.spec, data, spec.compute.seed});
  result["labelled_images"] = data.train->size();
  fit_head(spec.fit, data, measurement, task);
  add_accuracy(measurement.head(packed_head(task)), measurement, result);
  result[probe + "_accuracy"] = result["accuracy"];
  record_fit(json_text(fit_facts(spec, result)), task);
  write_task(out, task);
  result["masked_fraction"] = task.masked_fraction();
  result["task_bytes"] = std::filesystem::file_size(out);
  result["seconds"] =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  add_damaged_images(data, hooks, result);
  result["out"] = out;
  return result;
}

}  // namespace submask
