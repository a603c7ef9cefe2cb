#include <chrono>
#include <filesystem>

#include "base/names.h"
#include "base/output_file.h"
#include "cascade/adaptation.h"
#include "cli/command/commands.h"
#include "cli/option/field_options.h"
#include "cli/option/input_options.h"
#include "cli/output/print.h"
#include "cli/output/run_progress.h"
#include "evaluate/fitted_head.h"
#include "run/opened.h"
#include "run/result_header.h"
#include "run/run_fields.h"

namespace submask::cli {
namespace {

struct FitOptions : NetworkOptions {
  InputOptions input;
  FitSettings fit;
  std::string task;
  std::string out;
};

Section<FitSettings> fit_fields() {
  using S = FitSettings;
  Section<S> section = lifted(&S::knn, knn_fields());
  section.fields.push_back(
      {"probe", &S::probe, "lp (linear probe) or knn (a bank of the labelled images' features)"});
  section.fields.push_back(
      {"probe-l2", &S::l2, "Lambda of the linear probe; default: .01 / images", {at_least(0)}});
  return section;
}

void note_missing_classes(const FitOptions& options, const Dataset& train) {
  std::string missing;
  for (const std::string& name : classes_without_images(train))
    missing += (missing.empty() ? "" : ", ") + name;
  if (!missing.empty())
    note(options, "no labelled image of " + missing + ": such a class is never answered");
}

// The facts that the task file keeps about its head.
Json fit_facts(const FitOptions& options, const Json& result) {
  Json facts = {{"probe", name_of(options.fit.probe)},
                {"labels", options.input.data.labels.value_or("")}};
  for (const char* key :
       {"data", "data_digest", "labelled_images", "seed", "commit", "accuracy", "n"})
    facts[key] = result[key];
  if (options.fit.probe == ProbeKind::lp && options.fit.l2) facts["l2"] = *options.fit.l2;
  return facts;
}

void fit(const FitOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  PackedTask task = read_packed_task(options.task);
  const std::string out = options.out.empty() ? options.task : options.out;
  check_writable(out);
  const auto backbone = options.load_backbone(task.backbone);
  AdaptedNetwork network(*backbone);
  network.select(read_task(options.task, *backbone));
  const DataSplits data = open_data(options.input.data, options.compute);
  note_missing_classes(options, *data.train);
  task.preprocessing = test_transform(options.input.input, task.preprocessing).preprocessing;
  RunProgress progress(options);
  Measurement measurement(
      *backbone, data, options.input.measurement(task.preprocessing, progress.measurement_hooks()));

  const std::string probe = name_of(options.fit.probe);
  Json result = result_header(
      probe, *backbone, {options.input.data.spec, data.train->digest(), options.compute.seed});
  result["labelled_images"] = data.train->size();
  fit_head(options.fit, data, measurement, task);
  add_accuracy(measurement.head(task.head), measurement, result);
  result[probe + "_accuracy"] = result["accuracy"];
  record_fit(json_text(fit_facts(options, result)), task);
  write_task(out, task);
  result["masked_fraction"] = task.masked_fraction();
  result["task_bytes"] = std::filesystem::file_size(out);
  result["seconds"] =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result["out"] = out;
  print_result(options, result);
}

}  // namespace

void add_fit_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "fit", "Add a linear probe or a kNN bank to a task file; its mask stays as it is");
  auto options = std::make_shared<FitOptions>();
  options->add_to(*command);
  options->input.add_to(*command, true);
  add_field_options(*command, fit_fields(), options->fit);
  command->add_option("--task", options->task, "Task file")->type_name("FILE")->required();
  command->add_option("--out", options->out, "Task file to write; none: --task itself")
      ->type_name("FILE");
  command->callback([options] { fit(*options); });
}

}  // namespace submask::cli
