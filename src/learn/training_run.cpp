#include "learn/training_run.h"

#include <cassert>
#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <submask/task_file.h>

#include "adapter/adapter_bytes.h"
#include "backbone/head_tensors.h"
#include "backbone/network.h"
#include "base/fail.h"
#include "base/output_file.h"
#include "data/batch/image_cache.h"
#include "learn/learned_task.h"
#include "learn/objective_registry.h"
#include "learn/process_agreement.h"
#include "learn/schedule.h"
#include "learn/settings_record.h"
#include "parallel/batch_norm.h"

namespace submask {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::unique_ptr<Objective> make_objective(Backbone& backbone, const Dataset& train,
                                          const TrainSettings& settings, const at::Device& device) {
  if (!learns_without_labels(settings.method))
    return make_supervised_objective(backbone.info(), train, settings, device);
  return objective_entry(settings.self_supervised.objective).make(backbone, settings, device);
}

Transform train_transform(const TrainSettings& settings, const BackboneInfo& backbone) {
  Transform transform = test_transform(settings.input, backbone.preprocessing);
  transform.crops = settings.crops;
  return transform;
}

std::vector<at::Tensor> joined_lists(std::vector<at::Tensor> first,
                                     const std::vector<at::Tensor>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

TrainingRun::TrainingRun(Backbone& backbone, const DataSplits& data, const TrainSettings& settings,
                         const TrainHooks& hooks)
    : backbone_(backbone),
      data_(data),
      settings_(settings),
      hooks_(hooks),
      processes_(communicator()),
      device_(settings.device),
      weights_(backbone, settings),
      byte_target_(weights_.byte_target()),
      objective_(make_objective(backbone, *data.train, settings, device_)),
      reducer_(processes_, joined_lists(weights_.parameters(), objective_->parameters()),
               static_cast<int64_t>(settings.bucket_mib * (1 << 20))),
      loader_(data.train, train_transform(settings, backbone.info()), loader_options()),
      validation_(backbone, data, settings,
                  [this](const Dataset& images, const Transform& transform) {
                    return open_cache(images, transform);
                  }),
      watch_(objective_->advice()) {}

LoaderOptions TrainingRun::loader_options() const {
  LoaderOptions options = submask::loader_options(settings_.input);
  options.seed = settings_.seed;
  options.shuffle = true;
  options.pinned = device_.is_cuda();
  options.share = processes_.rank();
  options.shares = processes_.size();
  // The last batch may have a single image, which has no batch statistics.
  options.drop_last = data_.train->size() >= settings_.input.batch_size;
  options.cache = open_cache(*data_.train, train_transform(settings_, backbone_.info()));
  return options;
}

std::shared_ptr<ImageCache> TrainingRun::open_cache(const Dataset& images,
                                                    const Transform& transform) const {
  auto cache = open_image_cache(images, transform, settings_.input.cache);
  if (cache) note("cache: " + describe(*cache));
  return cache;
}

void TrainingRun::resume() {
  std::optional<TrainingCheckpoint> checkpoint;
  if (!settings_.checkpoint.empty()) {
    check_writable(std::filesystem::path(settings_.checkpoint) / "checkpoint.safetensors");
    fingerprint_ = run_fingerprint(settings_, data_, backbone_);
    checkpoint = read_training_checkpoint(settings_.checkpoint, fingerprint_);
  }
  is_kept_ = processes_.sum(settings_.checkpoint.empty() ? 0 : 1) > 0;
  checkpoint = first_checkpoint(processes_, std::move(checkpoint));
  if (!checkpoint) return;
  position_ = checkpoint->position;
  load(checkpoint->state);
  constexpr std::string_view best = "best.";
  for (const auto& [name, tensor] : checkpoint->state)
    if (name.starts_with(best)) best_[name.substr(best.size())] = tensor.clone();
  note(text("resumed at epoch ", position_.epoch + 1, ", batch ", position_.batch, ", from ",
            settings_.checkpoint));
}

TrainResult TrainingRun::run() {
  const SyncBatchNorm sync_batch_norm(settings_.sync_batch_norm);
  start_ = last_checkpoint_ = Clock::now();
  if (learns_without_labels(settings_.method))
    for (const std::string& line : notes_without_labels(*data_.train, settings_, *objective_))
      note(line);
  resume();
  while (position_.epoch < settings_.epochs && !patience_is_over()) run_epoch();
  if (!best_.empty()) load(best_);
  return make_result();
}

void TrainingRun::run_epoch() {
  network_of(backbone_).train();
  if (settings_.batch_norm == BatchNorm::frozen) network_of(backbone_).hold_statistics();
  const bool resumed = position_.batch > 0;
  weights_.start_epoch(position_.epoch, resumed);
  if (!resumed) meet_bytes();
  objective_->start_epoch(position_.epoch, resumed);
  loader_.start_epoch(position_.epoch, position_.batch);
  const int64_t batches = loader_.batches_per_epoch();
  while (auto batch = next_batch()) {
    const auto begin = Clock::now();
    assert(batch->number >= position_.batch && batch->number < batches);  // in order, none twice
    position_.batch = batch->number + 1;
    const bool step_due = position_.batch % settings_.accumulate == 0 || position_.batch == batches;
    const BatchTotals totals = add_gradients(*batch, step_due);
    position_.loss_sum += totals.loss * static_cast<double>(totals.images);
    position_.correct += totals.correct;
    position_.seen += totals.images;
    trained_images_ += totals.images;
    if (step_due) {
      const double t = static_cast<double>(position_.epoch) +
                       static_cast<double>(position_.batch) / static_cast<double>(batches);
      const StepShares shares = step_shares(t, batches);
      weights_.step(shares);
      objective_->step(shares);
      if (byte_target_ != nullptr) byte_target_->follow(t / static_cast<double>(settings_.epochs));
    }
    training_seconds_ += seconds_since(begin);
    report(false, std::nullopt);
    if (totals.stop) {
      if (step_due) write_checkpoint();
      fail(is_kept_ ? ErrorKind::stopped : ErrorKind::interrupted, "interrupted in epoch ",
           position_.epoch + 1,
           is_kept_ ? "; the same command goes on from the checkpoint"
                    : " (nothing kept: no --checkpoint was given)");
    }
    if (step_due && position_.batch < batches &&
        seconds_since(last_checkpoint_) >= settings_.checkpoint_seconds)
      write_checkpoint();
  }
  end_epoch();
}

// Between epochs, and before and after the last one also by the threshold.
void TrainingRun::meet_bytes() {
  if (byte_target_ == nullptr) return;
  const auto file_bytes = [&] {
    return std::ssize(packed_task_bytes(pack_task(make_task(), backbone_)));
  };
  byte_target_->measure(file_bytes());
  if (!is_last_epoch()) return;
  byte_target_->settle();
  if (position_.batch > 0) note(byte_target_->note_of_miss(file_bytes()));
}

StepShares TrainingRun::step_shares(double t, int64_t batches) const {
  const auto epochs = static_cast<double>(settings_.epochs);
  return {.weights = rate_share(settings_.schedule, t, settings_.warmup_epochs.value_or(0), epochs),
          .head = rate_share(settings_.schedule, t, 0, epochs),
          .run = (t - 1 / static_cast<double>(batches)) / epochs};
}

void TrainingRun::note(const std::optional<std::string>& line) const {
  if (line && hooks_.note) hooks_.note(*line);
}

std::optional<Batch> TrainingRun::next_batch() {
  const auto begin = Clock::now();
  auto batch = loader_.next();
  waiting_seconds_ += seconds_since(begin);
  return batch;
}

// Finite features are those of weights that are in order, so the layers on top of them are not.
std::string TrainingRun::rate_at_fault(const ObjectiveBatch& batch) {
  const at::NoGradGuard no_grad;
  const at::Tensor features = backbone_.features(batch.crops.front());
  return features.isfinite().all().item<bool>() ? objective_->rate_option() : "--rate";
}

TrainingRun::BatchTotals TrainingRun::add_gradients(const Batch& batch, bool step_due) {
  check_no_share_is_empty(processes_, batch);
  ObjectiveBatch prepared;
  for (const at::Tensor& crops : batch.crops)
    prepared.crops.push_back(
        normalise(crops.to(device_, /*non_blocking=*/true), backbone_.info().preprocessing));
  prepared.labels = batch.labels.to(device_);
  const ObjectiveOutcome outcome = objective_->evaluate(backbone_, prepared);
  const bool stop = hooks_.should_stop && hooks_.should_stop();
  at::Tensor sums = at::tensor({outcome.loss.item<double>() * outcome.weight, outcome.weight,
                                static_cast<double>(outcome.correct),
                                static_cast<double>(batch.labels.numel()), stop ? 1.0 : 0.0},
                               at::kDouble);
  processes_.all_reduce(sums);
  const auto sum = [&](int64_t i) { return sums[i].item<double>(); };
  const double loss = processes_.is_alone() ? outcome.loss.item<double>() : sum(0) / sum(1);
  if (!std::isfinite(loss))
    fail(ErrorKind::corrupt_file, "expected a finite loss, got ", loss, ", in epoch ",
         position_.epoch + 1, ", step ", position_.batch, " (a lower ", rate_at_fault(prepared),
         settings_.norm_rate > 0 ? " or --norm-rate" : "", " helps; the last checkpoint stands)");
  // Of several processes the losses are weighted so that their sum is the loss of the whole batch.
  at::Tensor share = outcome.loss;
  if (!processes_.is_alone()) share = share * (outcome.weight / sum(1));
  if (settings_.accumulate > 1) share = share / settings_.accumulate;
  if (step_due) reducer_.start();
  share.backward();
  if (step_due) {
    reducer_.finish();
    // Each process's running statistics follow its own images. Their mean follows those of all,
    // because following is linear; it is taken at every step, so that all are in one state.
    if (!settings_.sync_batch_norm && settings_.batch_norm == BatchNorm::update)
      processes_.average(weights_.running_statistics());
  }
  if (const auto progress = objective_->progress()) {
    note(watch_.check_first_crops(batch.crops.front()));
    note(watch_.check_progress(loss, *progress));
  }
  return {loss, static_cast<int64_t>(sum(2)), static_cast<int64_t>(sum(3)), sum(4) > 0};
}

void TrainingRun::end_epoch() {
  if (position_.seen == 0)
    fail(ErrorKind::corrupt_file, "expected images that decode, got none in epoch ",
         position_.epoch + 1);
  std::optional<double> accuracy;
  if (is_last_epoch()) meet_bytes();
  const bool without_labels = learns_without_labels(settings_.method);
  // Only the last epoch has the bytes that were asked for.
  const bool may_be_kept = byte_target_ != nullptr ? is_last_epoch() : weights_.has_its_form();
  const int64_t done = position_.epoch + 1;
  if (data_.validation && (done % settings_.validate_every == 0 || done == settings_.epochs)) {
    accuracy = validation_.accuracy(objective_->head());
    // Without labels the accuracy on the validation part is only reported; it chooses no epoch.
    if (!without_labels && may_be_kept && *accuracy > position_.best_accuracy) {
      position_.best_accuracy = *accuracy;
      position_.best_epoch = position_.epoch;
      best_ = state();
      for (auto& [name, tensor] : best_) tensor = tensor.clone();
    }
  }
  check_learned_alike(processes_, processes_.is_alone() ? "" : weights_.digest(), done);
  report(true, accuracy);
  if (hooks_.learned && !learns_weights(settings_.method)) hooks_.learned(done, make_task());
  position_.epoch += 1;
  position_.batch = position_.correct = position_.seen = 0;
  position_.loss_sum = 0;
  write_checkpoint();
}

bool TrainingRun::patience_is_over() const {
  assert(position_.best_epoch < position_.epoch || position_.best_epoch < 0);
  return settings_.patience && position_.best_epoch >= 0 &&
         position_.epoch - 1 - position_.best_epoch >= *settings_.patience;
}

TensorMap TrainingRun::state() const {
  TensorMap state;
  weights_.save(state);
  objective_->save(state);
  return state;
}

void TrainingRun::load(const TensorMap& state) {
  weights_.load(state);
  objective_->load(state);
}

void TrainingRun::write_checkpoint() {
  if (settings_.checkpoint.empty()) return;
  TensorMap tensors = state();
  for (const auto& [name, tensor] : best_) tensors["best." + name] = tensor;
  write_training_checkpoint(settings_.checkpoint, fingerprint_, position_, tensors);
  last_checkpoint_ = Clock::now();
}

void TrainingRun::report(bool epoch_done, std::optional<double> validation_accuracy) {
  if (!hooks_.progress) return;
  TrainProgress progress;
  progress.epoch = position_.epoch + 1;
  progress.epochs = settings_.epochs;
  progress.step = position_.batch;
  progress.steps = loader_.batches_per_epoch();
  progress.epoch_done = epoch_done;
  const double seen = static_cast<double>(std::max<int64_t>(position_.seen, 1));
  progress.loss = position_.loss_sum / seen;
  progress.accuracy = static_cast<double>(position_.correct) / seen;
  progress.validation_accuracy = validation_accuracy;
  progress.self_supervised = objective_->progress();
  progress.masked_fraction = weights_.masked_fraction();
  const double wall = seconds_since(start_);
  if (trained_images_ > 0 && wall > 0) {
    progress.images_per_second = static_cast<double>(trained_images_) / wall;
    const auto batches_left = static_cast<double>(
        (settings_.epochs - position_.epoch) * progress.steps - position_.batch);
    progress.seconds_left =
        batches_left * static_cast<double>(settings_.input.batch_size) / progress.images_per_second;
  }
  hooks_.progress(progress);
}

Task TrainingRun::make_task() const {
  Task task;
  task.units = weights_.masks();
  task.head = objective_->head();
  if (!learns_weights(settings_.method)) task.statistics = weights_.statistics();
  describe_learned(backbone_, data_, settings_, task);
  return task;
}

TrainResult TrainingRun::make_result() {
  network_of(backbone_).eval();
  TrainResult result;
  result.epochs = position_.epoch;
  if (position_.best_epoch >= 0) result.best_validation_accuracy = position_.best_accuracy;
  result.bad_images = processes_.all_gather_names(loader_.bad_images());
  result.seconds = seconds_since(start_);
  if (training_seconds_ > 0)
    result.images_per_second = static_cast<double>(trained_images_) / training_seconds_;
  const double epochs_seconds = training_seconds_ + waiting_seconds_;
  if (epochs_seconds > 0) result.waiting_share = waiting_seconds_ / epochs_seconds;
  result.task = make_task();
  result.scores = weights_.scores();
  if (byte_target_ != nullptr) result.byte_price = byte_target_->price();
  if (learns_masks(settings_.method) && weights_.masked_fraction() == 0)
    note("no weight is off after learning: a higher --rate or more --epochs switch some off");
  if (learns_weights(settings_.method)) {
    result.state_dict = weights_.state_dict();
    Task file = result.task;
    file.statistics = weights_.statistics();
    result.adapter_bytes = adapter_bytes(weights_.content(), file, backbone_);
    for (const auto& [name, tensor] : head_tensors(result.task.head))
      result.state_dict[backbone_.info().head_name + "." + name] = tensor;
  }
  return result;
}

}  // namespace submask
