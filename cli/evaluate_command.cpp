#include <algorithm>
#include <chrono>
#include <filesystem>

#include <submask/error.h>
#include <submask/predictor.h>

#include "cli/commands.h"
#include "cli/measure.h"
#include "cli/text_options.h"

namespace submask::cli {
namespace {

struct EvaluateOptions {
  SharedOptions shared;
  BackboneOptions backbone;
  InputOptions input;
  MeasureOptions measure;
  TextOptions text;
  std::string task;
  std::vector<std::string> methods;
  double probe_l2 = -1;
};

// The classes of a task's head must be the data's, name by name: an accuracy over other labels
// means nothing.
void check_classes(const Task& task, const DataSplits& data) {
  if (task.head.empty() || task.classes == data.test->class_names()) return;
  const auto& names = data.test->class_names();
  const auto differs =
      std::mismatch(task.classes.begin(), task.classes.end(), names.begin(), names.end());
  const std::string expected =
      differs.first == task.classes.end() ? "no more classes" : *differs.first;
  const std::string got = differs.second == names.end() ? "no more classes" : *differs.second;
  throw Error(ErrorKind::invalid_argument,
              "expected the task's classes in the data (" + expected + "), got " + got);
}

void evaluate(EvaluateOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  options.shared.apply();
  std::optional<Task> task;
  if (!options.task.empty()) task = read_task(options.task);
  if (options.methods.empty()) options.methods = {task ? "task" : "head"};
  const auto backbone = options.backbone.load(options.shared, task ? task->backbone : "");
  Predictor predictor(*backbone);
  if (task) predictor.select(*task);
  const DataSplits data = options.input.open(options.shared);
  Measurement measurement(
      *backbone, data,
      options.input.test(task ? task->preprocessing : backbone->info().preprocessing),
      options.input, options.shared);

  Json result =
      result_header(options.methods.front(), *backbone, options.input, data, options.shared);
  if (task) result["epochs"] = Json::parse(task->provenance).value("/epochs"_json_pointer, Json(0));
  for (const std::string& method : options.methods) {
    Accuracy accuracy;
    if (method == "task" || method == "head") {
      if (method == "task" && !task)
        throw Error(ErrorKind::invalid_argument,
                    "expected --task FILE for --method task, got none");
      if (task && method == "task") check_classes(*task, data);
      accuracy = measurement.head(method == "task" ? task->head : backbone->head());
    } else if (method == "zs") {
      const ZeroShotOptions zero_shot = options.text.zero_shot(options.backbone);
      accuracy =
          measurement.head(zero_shot_head(backbone->info(), data.test->class_names(), zero_shot));
      result["zs_accuracy"] = accuracy.accuracy;
      result["prompts"] = zero_shot.prompts;
    } else if (method == "knn") {
      accuracy = measurement.knn(options.measure.knn);
      result["knn_accuracy"] = accuracy.accuracy;
      result["k"] = options.measure.knn.k;
      result["temperature"] = options.measure.knn.temperature;
    } else {
      accuracy = measurement.probe(options.probe_l2);
      result["lp_accuracy"] = accuracy.accuracy;
    }
    if (method == options.methods.front()) measurement.report(accuracy, result);
  }
  if (task) {
    result["masked_fraction"] = task->masked_fraction();
    result["task_bytes"] = std::filesystem::file_size(options.task);
  }
  result["images_per_second"] = measurement.images_per_second();
  result["seconds"] =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  print_result(options.shared, result);
}

}  // namespace

void add_evaluate_command(CLI::App& program) {
  auto* command = program.add_subcommand("evaluate", "Measure a task file or a plain backbone");
  auto options = std::make_shared<EvaluateOptions>();
  options->shared.add_to(*command);
  options->backbone.add_to(*command);
  options->input.add_to(*command, true);
  options->measure.add_to(*command);
  options->text.add_to(*command);
  command->add_option("--task", options->task, "Task file; none: the plain backbone")
      ->type_name("FILE");
  command
      ->add_option(
          "--method", options->methods,
          "task (what the task file holds), head (the backbone's own classifier), zs (CLIP: class "
          "names as text), knn, lp; several by commas, the first gives `accuracy`")
      ->delimiter(',')
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->check(CLI::IsMember({"task", "head", "zs", "knn", "lp"}));
  command->add_option("--probe-l2", options->probe_l2,
                      "Lambda of the linear probe; negative: .01 / images");
  command->callback([options] { evaluate(*options); });
}

}  // namespace submask::cli
