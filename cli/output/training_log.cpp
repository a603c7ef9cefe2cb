#include "cli/output/training_log.h"

#include <filesystem>

#include "base/output_file.h"
#include "cli/output/epoch_metrics.h"

namespace submask::cli {
namespace {

Scalars scalars_of(const Json& numbers) {
  Scalars scalars;
  for (const auto& [name, value] : numbers.items()) scalars.emplace_back(name, value);
  return scalars;
}

}  // namespace

TrainingLog::TrainingLog(const TrainingLogOptions& options) : options_(options) {
  if (!options.csv.empty()) table_.emplace(options.csv);
  if (!options.tensorboard.empty())
    check_writable(std::filesystem::path(options.tensorboard) / "events.out.tfevents");
}

TrainHooks TrainingLog::hooks(TrainHooks hooks) {
  if (!table_ && options_.tensorboard.empty()) return hooks;
  hooks.progress = [this, show = hooks.progress](const TrainProgress& progress) {
    if (show) show(progress);
    if (progress.epoch_done) put(progress);
  };
  return hooks;
}

EventFile& TrainingLog::events() {
  return events_ ? *events_ : events_.emplace(options_.tensorboard);
}

void TrainingLog::put(const TrainProgress& progress) {
  const Json metrics = epoch_metrics(progress);
  if (table_) table_->put(progress.epoch, metrics);
  if (options_.tensorboard.empty()) return;
  // A run that was killed may have written this epoch before, and others after its checkpoint.
  if (!events_) events().restart(progress.epoch);
  events().add(progress.epoch, scalars_of(metrics));
}

void TrainingLog::finish(int64_t epochs, const Json& result) {
  if (table_) table_->end_after(epochs);
  if (options_.tensorboard.empty()) return;
  Json measured;
  for (const char* name : {"accuracy", "mean_class_accuracy", "knn_accuracy"})
    if (result.contains(name)) measured[name] = result[name];
  events().add(epochs, scalars_of(measured));
}

}  // namespace submask::cli
