#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>

#include <submask/error.h>
#include <submask/head.h>
#include <submask/predictor.h>

#include "base/output_file.h"
#include "cli/command/commands.h"
#include "cli/measure.h"

namespace submask::cli {
namespace {

struct FitOptions {
  SharedOptions shared;
  BackboneOptions backbone;
  InputOptions input;
  MeasureOptions measure;
  std::string task;
  std::string probe = "lp";
  std::string out;
  double probe_l2 = -1;
};

void tell_missing_classes(const FitOptions& options, const Dataset& train) {
  std::set<int64_t> present;
  for (int64_t i = 0; i < train.size(); ++i) present.insert(train.label(i));
  const auto& names = train.class_names();
  std::string missing;
  for (size_t i = 0; i < names.size(); ++i)
    if (!present.contains(static_cast<int64_t>(i)))
      missing += (missing.empty() ? "" : ", ") + names[i];
  if (!missing.empty())
    note(options.shared, "no labelled image of " + missing + ": such a class is never answered");
}

// What the head was made of, beside what the mask was made of.
void record_fit(const FitOptions& options, const Json& result, PackedTask& task) {
  Json provenance = Json::parse(task.provenance);
  Json& fit = provenance["fit"] = {{"probe", options.probe}, {"labels", options.input.data.labels}};
  for (const char* key :
       {"data", "data_digest", "labelled_images", "seed", "commit", "accuracy", "n"})
    fit[key] = result[key];
  if (options.probe == "lp") fit["l2"] = options.probe_l2;
  task.provenance = provenance.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void fit(const FitOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  options.shared.apply();
  PackedTask task = read_packed_task(options.task);
  const std::string out = options.out.empty() ? options.task : options.out;
  check_writable(out);
  const auto backbone = options.backbone.load(options.shared, task.backbone);
  Predictor predictor(*backbone);
  predictor.select(read_task(options.task, *backbone));
  const DataSplits data = options.input.open(options.shared);
  tell_missing_classes(options, *data.train);
  if (options.input.input_size > 0) task.preprocessing.input_size = options.input.input_size;
  Measurement measurement(*backbone, data, options.input.test(task.preprocessing), options.input,
                          options.shared);

  Json result = result_header(options.probe, *backbone, options.input, data, options.shared);
  result["labelled_images"] = data.train->size();
  set_head(task, options.probe == "lp" ? measurement.probe_head(options.probe_l2)
                                       : measurement.neighbour_head(options.measure.knn));
  task.classes = data.train->class_names();
  measurement.report(measurement.head(task.head), result);
  result[options.probe + "_accuracy"] = result["accuracy"];
  record_fit(options, result, task);
  write_task(out, task);
  result["masked_fraction"] = task.masked_fraction();
  result["task_bytes"] = std::filesystem::file_size(out);
  result["seconds"] =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result["out"] = out;
  print_result(options.shared, result);
}

}  // namespace

void add_fit_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "fit", "Add a linear probe or a kNN bank to a task file; its mask stays as it is");
  auto options = std::make_shared<FitOptions>();
  options->shared.add_to(*command);
  options->backbone.add_to(*command);
  options->input.add_to(*command, true);
  options->measure.add_to(*command);
  command->add_option("--task", options->task, "Task file")->type_name("FILE")->required();
  command
      ->add_option("--probe", options->probe,
                   "lp (linear probe) or knn (a bank of the labelled images' features)")
      ->check(CLI::IsMember({"lp", "knn"}))
      ->capture_default_str();
  command->add_option("--out", options->out, "Task file to write; none: --task itself")
      ->type_name("FILE");
  command->add_option("--probe-l2", options->probe_l2,
                      "Lambda of the linear probe; negative: .01 / images");
  command->callback([options] { fit(*options); });
}

}  // namespace submask::cli
