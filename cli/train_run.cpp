#include "cli/train_run.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <submask/error.h>
#include <submask/predictor.h>
#include <submask/train.h>

#include "base/output_file.h"
#include "cli/measure.h"
#include "cli/output/progress_line.h"
#include "mask/weight_set.h"

namespace submask::cli {
namespace {

// The training images with a label to measure by, and the test set.
DataSplits labelled_splits(const TrainOptions& options, const DataSplits& learned,
                           OpenedData& opened, Json& result) {
  const std::string& labels = options.input.data.labels;
  if (!learns_without_labels(options.method) || labels.empty()) return learned;
  DataSplits labelled = opened.open(options.input, options.shared);
  note(options.shared,
       options.method + ": --labels " + labels + " leaves all " +
           std::to_string(learned.train->size()) + " training images to learn from; the " +
           std::to_string(labelled.train->size()) + " with a label measure the result");
  result["labels"] = labels;
  return labelled;
}

// The rate is chosen on a validation part of the training set, which the run itself then learns
// from too.
void tune(Backbone& backbone, const TrainOptions& options, TrainSettings& settings,
          const TrainHooks& hooks, Json& result) {
  InputOptions input = learned_input(options);
  if (input.data.validation.empty()) input.data.validation = "10p";
  result["tune"] = Json::array();
  for (const TuneTrial& trial :
       tune_rate(backbone, input.open(options.shared), settings, options.tune, hooks))
    result["tune"].push_back(
        {{"rate", trial.rate}, {"validation_accuracy", trial.validation_accuracy}});
  note(options.shared, options.method + ": learning at rate " + std::to_string(settings.rate));
}

// Under what was learned. `task`: as its file will have it.
void measure(Backbone& backbone, const DataSplits& data, const TrainOptions& options,
             const TrainResult& trained, const Task& task, Json& result) {
  Measurement measurement(backbone, data, options.input.test(task.preprocessing), options.input,
                          options.shared);
  // Without a head by the neighbours among the labelled training images.
  const auto measured = [&] {
    if (task.head) return measurement.head(task.head);
    const KnnOptions knn = knn_preset("paper");
    const Accuracy accuracy = measurement.knn(knn);
    result["knn_accuracy"] = accuracy.accuracy;
    result["k"] = knn.k;
    result["temperature"] = knn.temperature;
    return accuracy;
  };
  if (learns_all_weights(options.method)) {
    WeightSet weights = trained.state_dict;
    std::erase_if(weights, [&](const auto& item) {
      return item.first.starts_with(backbone.info().head_name + ".");
    });
    const WeightBinding binding(backbone, weights);
    measurement.report(measured(), result);
  } else {
    Predictor predictor(backbone);
    predictor.select(task);
    measurement.report(measured(), result);
  }
}

// What a file says of its making: nothing that differs between two runs of the same command.
void record_provenance(const Json& result, TaskDescription& task) {
  Json provenance = Json::parse(task.provenance);
  for (const char* key :
       {"method", "data", "seed", "commit", "epochs", "accuracy", "mean_class_accuracy", "n"})
    provenance[key] = result[key];
  task.provenance = provenance.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void write_weights(const TrainResult& trained, const std::string& out) {
  const Json classes = trained.task.classes;
  write_safetensors(
      out, trained.state_dict,
      {{"format", "pt"}, {"classes", classes.dump()}, {"provenance", trained.task.provenance}});
}

// Measures and writes what was learned. A task is measured as its file rounds it.
void finish(Backbone& backbone, const DataSplits& data, const TrainOptions& options,
            TrainResult& trained, const std::string& out, Json& result) {
  if (learns_all_weights(options.method)) {
    measure(backbone, data, options, trained, trained.task, result);
    record_provenance(result, trained.task);
    return write_weights(trained, out);
  }
  PackedTask packed = pack_task(trained.task, backbone);
  measure(backbone, data, options, trained, unpack_task(packed, backbone), result);
  record_provenance(result, packed);
  write_task(out, packed);
}

// Tasks of the epochs of one run, beside what it learns.
class KeptEpochs {
 public:
  KeptEpochs(const TrainOptions& options, const std::string& out, const Backbone& backbone)
      : folder_(out + ".epochs"), backbone_(backbone) {
    if (options.method != "fs" && options.method != "ssl-fs")
      throw Error(ErrorKind::invalid_argument,
                  "expected method fs or ssl-fs for --keep-epochs, got " + options.method);
    check_writable(path(1));
  }

  void write(int64_t epoch, const Task& task) const {
    write_task(path(epoch), pack_task(task, backbone_));
  }

  // Of an earlier, longer run.
  void remove_after(int64_t epochs) const {
    while (std::filesystem::remove(path(++epochs))) {
    }
  }

 private:
  std::string path(int64_t epoch) const {
    const std::string number = std::to_string(epoch);
    return folder_ + "/" + std::string(4 - std::min<size_t>(4, number.size()), '0') + number +
           ".task";
  }

  std::string folder_;
  const Backbone& backbone_;
};

}  // namespace

std::string default_out(const TrainOptions& options) {
  if (!options.out.empty()) return options.out;
  return learns_all_weights(options.method) ? "weights.safetensors" : "out.task";
}

InputOptions learned_input(const TrainOptions& options) {
  InputOptions input = options.input;
  if (learns_without_labels(options.method)) input.data.labels.clear();
  return input;
}

Json train_one(Backbone& backbone, const TrainOptions& options, OpenedData& opened,
               const EpochHook& epoch_done) {
  const DataSplits data = opened.open(learned_input(options), options.shared);
  TrainSettings settings = options.settings(backbone.info(), data.train->class_names());
  const std::string out = default_out(options);
  check_writable(out);
  ProgressLine progress(options.shared, options.method);
  TrainingLog log(options.log);
  TrainHooks hooks = log.hooks(progress.hooks());
  Json result = result_header(options.method, backbone, options.input, data, options.shared);
  const DataSplits labelled = labelled_splits(options, data, opened, result);
  if (options.tune > 0) tune(backbone, options, settings, hooks, result);

  if (epoch_done)
    hooks.progress = [&epoch_done, show = hooks.progress](const TrainProgress& each) {
      if (show) show(each);
      if (each.epoch_done) epoch_done(each);
    };
  std::optional<KeptEpochs> kept;
  if (options.keep_epochs) {
    kept.emplace(options, out, backbone);
    hooks.learned = [&kept](int64_t epoch, const Task& task) { kept->write(epoch, task); };
  }
  TrainResult trained = train(backbone, data, settings, hooks);
  if (kept) kept->remove_after(trained.epochs);
  for (const std::string& name : trained.bad_images)
    note(options.shared, "skipped " + name + ": it does not decode");
  result["epochs"] = trained.epochs;
  finish(backbone, labelled, options, trained, out, result);
  if (trained.best_validation_accuracy)
    result["validation_accuracy"] = *trained.best_validation_accuracy;
  result["masked_fraction"] = trained.task.masked_fraction();
  result["task_bytes"] = std::filesystem::file_size(out);
  result["images_per_second"] = trained.images_per_second;
  result["waiting_share"] = trained.waiting_share;
  result["seconds"] = trained.seconds;
  if (!trained.bad_images.empty()) result["bad_training_images"] = trained.bad_images;
  result["out"] = out;
  log.finish(trained.epochs, result);
  return result;
}

}  // namespace submask::cli
