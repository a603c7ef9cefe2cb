#include "run/measure_run.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "base/fail.h"
#include "base/names.h"
#include "base/quoted_name.h"
#include "cascade/adaptation.h"
#include "data/set/class_order.h"
#include "evaluate/measurement.h"
#include "parallel/record_agreement.h"
#include "run/detailed_result.h"
#include "run/result_header.h"
#include "run/run_record.h"
#include "run/run_settings.h"
#include "run/task_source.h"
#include "run/useless_options.h"

namespace submask {
namespace {

// Throws invalid_argument unless a head has the same classes as the data. With other classes an
// accuracy means nothing.
void check_classes(const char* expected, const std::vector<std::string>& known,
                   const DataSplits& data) {
  const std::string difference = class_difference(known, data.test->class_names());
  if (!difference.empty()) fail_argument(expected, difference);
}

class MeasureRun {
 public:
  MeasureRun(const RunSpec& spec, const RunHooks& hooks, Opened& opened)
      : spec_(spec),
        hooks_(hooks),
        measure_(std::get<MeasureSpec>(spec.work)),
        task_(read_task_file()),
        methods_(chosen_methods()),
        backbone_(opened.backbone(spec.backbone, spec.compute,
                                  task_ ? task_->description().backbone : "")),
        data_(match_class_order(opened.data(spec.data, spec.compute), head_classes())),
        network_(backbone_),
        measurement_(backbone_, data_, options(hooks)) {
    tell_choices(backbone_, hooks);
    tell_choices(data_, hooks);
    tell_useless_options(spec, hooks);
    if (task_) network_.select(*task_);
  }

  // Measures by every method. The first one gives `accuracy` and the details.
  ResultJson run(const MeasuredHook& on_measured) {
    const auto start = std::chrono::steady_clock::now();
    begin_result();
    for (const MeasureMethod method : methods_) {
      const ClassificationReport report =
          report_classification(probabilities(method), measurement_.test().labels);
      if (method != MeasureMethod::task && method != MeasureMethod::head)
        result_[name_of(method) + "_accuracy"] = report.accuracy.accuracy;
      if (method != methods_.front()) continue;
      add_accuracy(report.accuracy, measurement_, result_);
      add_details(report, data_.test->class_names(), result_);
      if (on_measured) on_measured({report, measurement_.test(), *data_.test}, result_);
    }
    if (measurement_.has_bank()) add_training_set(*data_.train, measurement_.bank(), result_);
    if (const auto rate = measurement_.images_per_second()) result_["images_per_second"] = *rate;
    result_["seconds"] =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    add_damaged_images(data_, hooks_, result_);
    return std::move(result_);
  }

 private:
  std::optional<Adaptation> read_task_file() const {
    if (measure_.task.empty()) return std::nullopt;
    return read_adaptation(task_path(measure_.task), measure_.cascade);
  }

  // Returns the classes of the head that is measured; empty where their names are not known.
  std::vector<std::string> head_classes() const {
    if (task_) return task_->head() ? task_->classes() : std::vector<std::string>();
    return backbone_.checkpoint().head_classes;
  }

  // Checks that the classifier has the classes of the data. Where they share no name (ImageNet's
  // words and its folders n01440764, ...), classes are compared by their numbers, with a note.
  void check_classifier() const {
    const std::vector<std::string>& known = backbone_.checkpoint().head_classes;
    if (known.empty()) return;
    if (share_a_class(known, data_.test->class_names()))
      return check_classes("the classifier's classes in the data", known, data_);
    if (hooks_.note)
      hooks_.note(text("none of the data's classes is named as one of the classifier's (",
                       shown_name(known.front()), ", ...): they are compared by their numbers"));
  }

  // A cascade has features of its own kind, so only a classifier that was learned on them can be
  // measured.
  std::vector<MeasureMethod> chosen_methods() const {
    if (measure_.methods.empty()) return {task_ ? MeasureMethod::task : MeasureMethod::head};
    if (task_ && task_->cascade() != nullptr)
      for (const MeasureMethod method : measure_.methods)
        if (method == MeasureMethod::head || method == MeasureMethod::zs)
          fail_argument("the methods task, knn or lp for a cascade", name_of(method));
    return measure_.methods;
  }

  MeasurementOptions options(const RunHooks& hooks) {
    MeasurementOptions options{.preprocessing = task_ ? task_->description().preprocessing
                                                      : backbone_.info().preprocessing,
                               .input = measure_.input,
                               .feature_cache = spec_.feature_cache,
                               .hooks = {hooks.note, hooks.images}};
    if (task_ && task_->cascade() != nullptr)
      options.extractor = [this](const auto&... arguments) {
        return network_.extract(arguments...);
      };
    return options;
  }

  void begin_result() {
    result_ = result_header(name_of(methods_.front()), backbone_,
                            {spec_.data.spec, data_, spec_.compute.seed});
    if (!spec_.backbone.weights.empty()) result_["weights"] = spec_.backbone.weights;
    if (spec_.data.labels) result_["labels"] = *spec_.data.labels;
    RunSpec measured = spec_;
    std::get<MeasureSpec>(measured.work).methods = methods_;
    result_["settings"] = options_record(measured, {Effect::result});
    check_records_agree(communicator(), json_text(result_));
    if (!task_) return;
    result_["task"] = measure_.task;
    result_["epochs"] =
        ResultJson::parse(task_->provenance()).value("/epochs"_json_pointer, ResultJson(0));
    result_["masked_fraction"] = task_->masked_fraction();
    result_["task_bytes"] = std::filesystem::file_size(task_->path);
    if (task_->cascade() != nullptr) result_["cascade"] = name_of(measure_.cascade);
  }

  // Probabilities [N, C] by one method. Adds the settings of the method to the result.
  at::Tensor probabilities(MeasureMethod method) {
    switch (method) {
      case MeasureMethod::task:
        if (!task_) fail_argument("--task FILE for --method task", "none");
        if (task_->head()) check_classes("the task's classes in the data", head_classes(), data_);
        return measurement_.head_probabilities(task_->head());
      case MeasureMethod::head:
        check_classifier();
        return measurement_.head_probabilities(backbone_.head());
      case MeasureMethod::zs: {
        const ZeroShotOptions zero_shot = zero_shot_options(measure_.text, spec_.backbone);
        result_["prompts"] = zero_shot.prompts;
        return measurement_.head_probabilities(
            zero_shot_head(backbone_.info(), data_.test->class_names(), zero_shot));
      }
      case MeasureMethod::knn:
        result_["k"] = measure_.knn.k;
        result_["temperature"] = measure_.knn.temperature;
        return measurement_.knn_probabilities(measure_.knn);
      case MeasureMethod::lp:
        break;
    }
    const auto images = static_cast<double>(measurement_.bank().labels.numel());
    result_["l2"] = measure_.probe_l2.value_or(0.01 / images);
    return measurement_.head_probabilities(measurement_.probe_head(measure_.probe_l2));
  }

  const RunSpec& spec_;
  const RunHooks& hooks_;
  const MeasureSpec& measure_;
  const std::optional<Adaptation> task_;
  const std::vector<MeasureMethod> methods_;
  Backbone& backbone_;
  const DataSplits data_;
  AdaptedNetwork network_;
  Measurement measurement_;
  ResultJson result_;
};

}  // namespace

ResultJson measure(const RunSpec& spec, const RunHooks& hooks, Opened& opened,
                   const MeasuredHook& on_measured) {
  return MeasureRun(spec, hooks, opened).run(on_measured);
}

}  // namespace submask
