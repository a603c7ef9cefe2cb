#include "cli/evaluate_run.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include <submask/error.h>

#include "cli/measure.h"
#include "cli/output/detailed_result.h"

namespace submask::cli {
namespace {

// The classes of a task's head must be the data's, name by name: an accuracy over other labels
// means nothing.
void check_classes(const Adaptation& task, const DataSplits& data) {
  const auto &known = task.classes(), &names = data.test->class_names();
  if (!task.head() || known == names) return;
  const auto differs = std::mismatch(known.begin(), known.end(), names.begin(), names.end());
  const std::string expected = differs.first == known.end() ? "no more classes" : *differs.first;
  const std::string got = differs.second == names.end() ? "no more classes" : *differs.second;
  throw Error(ErrorKind::invalid_argument,
              "expected the task's classes in the data (" + expected + "), got " + got);
}

const std::optional<Head>& task_head(const std::optional<Adaptation>& task,
                                     const DataSplits& data) {
  if (!task)
    throw Error(ErrorKind::invalid_argument, "expected --task FILE for --method task, got none");
  check_classes(*task, data);
  return task->head();
}

// A cascade's features are its own: no classifier but one learned on them has a meaning there.
void check_methods(const std::vector<std::string>& methods, const std::optional<Adaptation>& task) {
  if (!task || task->cascade() == nullptr) return;
  for (const std::string& method : methods)
    if (method != "task" && method != "knn" && method != "lp")
      throw Error(ErrorKind::invalid_argument,
                  "expected the methods task, knn or lp for a cascade, got " + method);
}

// What is measured, on which data.
struct Subject {
  const Backbone& backbone;
  const std::optional<Adaptation>& task;
  const DataSplits& data;
  Measurement measurement;
};

// Probabilities [N, C] by one method; what it is set to enters the result.
at::Tensor probabilities(const std::string& method, const EvaluateOptions& options,
                         Subject& subject, Json& result) {
  Measurement& measurement = subject.measurement;
  if (method == "task")
    return measurement.head_probabilities(task_head(subject.task, subject.data));
  if (method == "head") return measurement.head_probabilities(subject.backbone.head());
  if (method == "zs") {
    const ZeroShotOptions zero_shot = options.text.zero_shot(options.backbone);
    result["prompts"] = zero_shot.prompts;
    return measurement.head_probabilities(
        zero_shot_head(subject.backbone.info(), subject.data.test->class_names(), zero_shot));
  }
  if (method == "knn") {
    result["k"] = options.measure.knn.k;
    result["temperature"] = options.measure.knn.temperature;
    return measurement.knn_probabilities(options.measure.knn);
  }
  const auto images = static_cast<double>(measurement.bank().labels.numel());
  result["l2"] = options.probe_l2 < 0 ? 0.01 / images : options.probe_l2;
  return measurement.head_probabilities(measurement.probe_head(options.probe_l2));
}

// Every method in turn; the first gives `accuracy` and the details.
void measure(const EvaluateOptions& options, Subject& subject, Json& result) {
  Measurement& measurement = subject.measurement;
  for (const std::string& method : options.methods) {
    const ClassificationReport report = report_classification(
        probabilities(method, options, subject, result), measurement.test().labels);
    if (method == "zs" || method == "knn" || method == "lp")
      result[method + "_accuracy"] = report.accuracy.accuracy;
    if (method != options.methods.front()) continue;
    measurement.report(report.accuracy, result);
    add_details(report, subject.data.test->class_names(), result);
    if (options.report.empty()) continue;
    write_page(options.report, report, measurement.test(), *subject.data.test, result);
    result["report"] = options.report;
  }
  if (measurement.has_bank()) add_training_set(*subject.data.train, measurement.bank(), result);
}

Json header(const EvaluateOptions& options, const Subject& subject) {
  Json result = result_header(options.methods.front(), subject.backbone, options.input,
                              subject.data, options.shared);
  if (!options.backbone.weights.empty()) result["weights"] = options.backbone.weights;
  if (!options.input.data.labels.empty()) result["labels"] = options.input.data.labels;
  if (subject.task) {
    result["task"] = options.task;
    result["epochs"] =
        Json::parse(subject.task->provenance()).value("/epochs"_json_pointer, Json(0));
    result["masked_fraction"] = subject.task->masked_fraction();
    result["task_bytes"] = std::filesystem::file_size(options.task);
    if (subject.task->cascade() != nullptr)
      result["cascade"] =
          options.mode == CascadeMode::conditional ? "conditional" : "unconditional";
  }
  return result;
}

}  // namespace

Json evaluate_one(Backbone& backbone, EvaluateOptions options,
                  const std::optional<Adaptation>& task, OpenedData& opened) {
  const auto start = std::chrono::steady_clock::now();
  check_methods(options.methods, task);
  if (options.methods.empty()) options.methods = {task ? "task" : "head"};
  AdaptedNetwork network(backbone);
  if (task) network.select(*task);
  const DataSplits data = opened.open(options.input, options.shared);
  Subject subject{backbone, task, data,
                  Measurement(backbone, data,
                              options.input.test(task ? task->description().preprocessing
                                                      : backbone.info().preprocessing),
                              options.input, options.shared)};

  if (network.cascade() != nullptr) subject.measurement.measure_cascade(*network.cascade());

  Json result = header(options, subject);
  measure(options, subject, result);
  result["images_per_second"] = subject.measurement.images_per_second();
  result["seconds"] =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace submask::cli
