// One run of the training loop, which learns masks or weights and a head. It can be resumed at any
// step.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <submask/loader.h>
#include <submask/train.h>

#include "data/batch/image_cache.h"
#include "learn/learned_weights.h"
#include "learn/objective.h"
#include "learn/self_supervised_watch.h"
#include "learn/training_checkpoint.h"
#include "learn/validation.h"
#include "parallel/communicator.h"
#include "parallel/gradient_reducer.h"

namespace submask {

class TrainingRun {
 public:
  // All references must outlive the run.
  TrainingRun(Backbone& backbone, const DataSplits& data, const TrainSettings& settings,
              const TrainHooks& hooks);

  TrainResult run();

 private:
  using Clock = std::chrono::steady_clock;

  LoaderOptions loader_options() const;
  std::shared_ptr<ImageCache> open_cache(const Dataset& images, const Transform& transform) const;
  void resume();
  void run_epoch();
  std::optional<Batch> next_batch();
  // Shares for the step after a batch, where `t` epochs are done and an epoch has `batches`
  // batches.
  StepShares step_shares(double t, int64_t batches) const;
  void note(const std::optional<std::string>& line) const;  // passes on a line, if there is one
  // The option of the rate that was too high, where the loss of these crops is not finite.
  std::string rate_at_fault(const ObjectiveBatch& batch);
  // What all processes together have seen of a batch.
  struct BatchTotals {
    double loss = 0;  // mean over the batch
    int64_t correct = 0;
    int64_t images = 0;
    bool stop = false;  // whether one of them was asked to stop
  };
  // Adds the gradients of a batch to those of the parameters, over all processes if a step is due.
  BatchTotals add_gradients(const Batch& batch, bool step_due);
  bool is_last_epoch() const { return position_.epoch == settings_.epochs - 1; }
  void meet_bytes();
  void end_epoch();
  void write_checkpoint();  // if the settings have a folder for it, as those of the first process
  TensorMap state() const;
  void load(const TensorMap& state);
  void report(bool epoch_done, std::optional<double> validation_accuracy);
  bool patience_is_over() const;
  Task make_task() const;  // from the state so far
  TrainResult make_result();

  Backbone& backbone_;
  const DataSplits& data_;
  const TrainSettings& settings_;
  const TrainHooks& hooks_;
  const Communicator& processes_;
  at::Device device_;
  LearnedWeights weights_;
  ByteTarget* byte_target_;  // of weights_; null: the file may have any size
  std::unique_ptr<Objective> objective_;
  GradientReducer reducer_;
  Loader loader_;
  Validation validation_;
  SelfSupervisedWatch watch_;
  TrainingPosition position_;
  TensorMap best_;  // state of the best epoch by validation
  std::string fingerprint_;
  bool is_kept_ = false;  // whether the first process writes checkpoints
  Clock::time_point start_, last_checkpoint_;
  double training_seconds_ = 0, waiting_seconds_ = 0;
  int64_t trained_images_ = 0;
};

}  // namespace submask
