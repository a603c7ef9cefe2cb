#include "run/training_log.h"

#include <filesystem>

#include "base/output_file.h"
#include "run/epoch_metrics.h"

namespace submask {
namespace {

Scalars scalars_of(const ResultJson& numbers) {
  Scalars scalars;
  for (const auto& [name, value] : numbers.items()) scalars.emplace_back(name, value);
  return scalars;
}

}  // namespace

TrainingLog::TrainingLog(const std::string& csv, std::string tensorboard)
    : tensorboard_(std::move(tensorboard)) {
  if (!csv.empty()) table_.emplace(csv);
  if (!tensorboard_.empty())
    check_writable(std::filesystem::path(tensorboard_) / "events.out.tfevents");
}

TrainHooks TrainingLog::with_log(TrainHooks hooks) {
  if (!table_ && tensorboard_.empty()) return hooks;
  hooks.progress = [this, inner = hooks.progress](const TrainProgress& progress) {
    if (inner) inner(progress);
    if (progress.epoch_done) put(progress);
  };
  return hooks;
}

void TrainingLog::put(const TrainProgress& progress) {
  const ResultJson metrics = epoch_metrics(progress);
  if (table_) table_->put(progress.epoch, metrics);
  if (tensorboard_.empty()) return;
  if (!events_) {
    events_.emplace(tensorboard_);
    // The run may have been killed before, after it had written this epoch and later ones.
    events_->restart(progress.epoch);
  }
  events_->add(progress.epoch, scalars_of(metrics));
}

void TrainingLog::finish(int64_t epochs, const ResultJson& result) {
  if (table_) table_->end_after(epochs);
  if (tensorboard_.empty()) return;
  // There is no file yet where the run goes on from the checkpoint of its last epoch.
  if (!events_) events_.emplace(tensorboard_);
  ResultJson measured;
  for (const char* name : {"accuracy", "mean_class_accuracy", "knn_accuracy"})
    if (result.contains(name)) measured[name] = result[name];
  events_->add(epochs, scalars_of(measured));
}

}  // namespace submask
