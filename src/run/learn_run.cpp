#include "run/learn_run.h"

#include <filesystem>
#include <optional>

#include "base/fail.h"
#include "base/names.h"
#include "base/output_file.h"
#include "cascade/adaptation.h"
#include "evaluate/measurement.h"
#include "mask/weight_set.h"
#include "parallel/record_agreement.h"
#include "run/kept_epochs.h"
#include "run/result_header.h"
#include "run/run_settings.h"
#include "run/training_log.h"
#include "run/useless_options.h"

namespace submask {
namespace {

class LearnRun {
 public:
  LearnRun(const RunSpec& spec, const RunHooks& hooks, Opened& opened)
      : spec_(spec),
        learn_(std::get<LearnSpec>(spec.work)),
        hooks_(hooks),
        backbone_(opened.backbone(spec.backbone, spec.compute)),
        data_(open_run_data(spec, opened)),
        settings_(train_settings(spec, backbone_.info(), data_.learned.train->class_names())),
        out_(result_path(learn_)) {}

  ResultJson run() {
    check_writable(out_);
    tell_choices(backbone_, hooks_);
    tell_choices(data_.learned, hooks_);
    TrainingLog log(learn_.log, learn_.tensorboard);
    const std::string stage = name_of(learn_.method);
    TrainHooks hooks = log.with_log(hooks_.training ? hooks_.training(stage) : TrainHooks());
    result_ = result_header(stage, backbone_, {spec_.data.spec, data_.learned, spec_.compute.seed});
    explain_labels();
    check_processes_measure_alike();
    tell_useless_options(spec_, backbone_.info(), settings_, hooks_);
    if (learn_.tune > 0) tune(hooks);
    std::optional<KeptEpochs> kept;
    if (learn_.keep_epochs) {
      kept.emplace(learn_.method, out_, backbone_);
      hooks.learned = [&kept](int64_t epoch, const Task& task) { kept->write(epoch, task); };
    }
    TrainResult trained = train(backbone_, data_.learned, settings_, hooks);
    if (kept) kept->remove_after(trained.epochs);
    for (const std::string& name : trained.bad_images)
      note("skipped " + name + ": it does not decode");
    result_["epochs"] = trained.epochs;
    measure_or_stop(trained);
    add_training_results(trained);
    add_damaged_images(data_.learned, hooks_, result_);
    log.finish(trained.epochs, result_);
    return std::move(result_);
  }

 private:
  void note(const std::string& line) const {
    if (hooks_.note) hooks_.note(line);
  }

  // What train() does not compare.
  void check_processes_measure_alike() const {
    ResultJson record = result_;
    record["labelled"] = data_.measured.train->digest();
    record["tune"] = learn_.tune;
    check_records_agree(communicator(), json_text(record));
  }

  // Tells the user that a run without labels learns from every image, even with --labels.
  void explain_labels() {
    if (!learns_without_labels(learn_.method) || !spec_.data.labels) return;
    note(text(name_of(learn_.method), ": --labels ", *spec_.data.labels, " leaves all ",
              data_.learned.train->size(), " training images to learn from; the ",
              data_.measured.train->size(), " with a label measure the result"));
    result_["labels"] = *spec_.data.labels;
  }

  // Chooses the rate on a validation part of the training set. Afterwards the run learns from this
  // part too.
  void tune(const TrainHooks& hooks) {
    DataOptions options = spec_.data;
    if (learns_without_labels(learn_.method)) options.labels.reset();
    if (!options.validation) options.validation = "10p";
    const DataSplits data = open_data(options, spec_.compute);
    result_["tune"] = ResultJson::array();
    for (const TuneTrial& trial : tune_rate(backbone_, data, settings_, learn_.tune, hooks))
      result_["tune"].push_back(
          {{"rate", trial.rate}, {"validation_accuracy", trial.validation_accuracy}});
    note(text(name_of(learn_.method), ": learning at rate ", settings_.update.rate));
  }

  void measure_or_stop(TrainResult& trained) {
    const bool is_kept = communicator().sum(settings_.checkpoint.empty() ? 0 : 1) > 0;
    try {
      measure_and_write(trained);
    } catch (const Error& error) {
      if (!is_kept || error.kind() != ErrorKind::interrupted) throw;
      throw StoppedWhileMeasuring();
    }
  }

  // A task is measured with the rounded values that its file holds.
  void measure_and_write(TrainResult& trained) {
    if (learns_weights(learn_.method)) {
      const WeightBinding binding(backbone_, network_weights(backbone_, trained.state_dict));
      measure(trained.task);
      record_provenance(result_, trained.task.provenance);
      write_state_dict(trained, out_);
      return;
    }
    PackedTask packed = pack_task(trained.task, backbone_);
    const Task rounded = unpack_task(packed, backbone_);
    AdaptedNetwork network(backbone_);
    network.select(rounded);
    measure(rounded);
    record_provenance(result_, packed.provenance);
    write_task(out_, packed);
  }

  // Measures the weights that are bound now, with the task's head. A task without a head is
  // measured by nearest neighbours among the labelled training images.
  void measure(const Task& task) {
    Measurement measurement(backbone_, data_.measured,
                            {.preprocessing = task.preprocessing,
                             .input = settings_.input,
                             .feature_cache = spec_.feature_cache,
                             .hooks = {hooks_.note, hooks_.images}});
    if (task.head) return add_accuracy(measurement.head(task.head), measurement, result_);
    const KnnOptions knn = knn_preset(KnnPreset::paper);
    const Accuracy accuracy = measurement.knn(knn);
    result_["knn_accuracy"] = accuracy.accuracy;
    result_["k"] = knn.k;
    result_["temperature"] = knn.temperature;
    add_accuracy(accuracy, measurement, result_);
  }

  void add_training_results(const TrainResult& trained) {
    if (trained.best_validation_accuracy)
      result_["validation_accuracy"] = *trained.best_validation_accuracy;
    result_["masked_fraction"] = trained.task.masked_fraction();
    if (trained.byte_price) result_["byte_price"] = *trained.byte_price;
    if (learns_weights(learn_.method)) result_["adapter_bytes"] = trained.adapter_bytes;
    result_["task_bytes"] = std::filesystem::file_size(out_);
    result_["images_per_second"] = trained.images_per_second;
    result_["waiting_share"] = trained.waiting_share;
    result_["seconds"] = trained.seconds;
    if (!trained.bad_images.empty()) result_["bad_training_images"] = trained.bad_images;
    result_["out"] = out_;
  }

  const RunSpec& spec_;
  const LearnSpec& learn_;
  const RunHooks& hooks_;
  Backbone& backbone_;
  const RunData data_;
  TrainSettings settings_;
  const std::string out_;
  ResultJson result_;
};

}  // namespace

StoppedWhileMeasuring::StoppedWhileMeasuring()
    : Error(ErrorKind::stopped,
            "interrupted while it measured; the same command goes on from the checkpoint") {}

std::string result_path(const LearnSpec& learn) {
  if (!learn.out.empty()) return learn.out;
  return learns_weights(learn.method) ? "weights.safetensors" : "out.task";
}

ResultJson learn(const RunSpec& spec, const RunHooks& hooks, Opened& opened) {
  return LearnRun(spec, hooks, opened).run();
}

}  // namespace submask
