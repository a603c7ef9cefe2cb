#include <chrono>
#include <cmath>

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>

#include <submask/evaluate.h>
#include <submask/train.h>

#include "backbone/network.h"
#include "base/fail.h"
#include "base/file.h"
#include "learn/learned_weights.h"
#include "learn/objective.h"
#include "learn/schedule.h"
#include "learn/settings_record.h"
#include "learn/training_checkpoint.h"

namespace submask {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void check_settings(const TrainSettings& s, const DataSplits& data) {
  if (s.epochs < 1) fail_argument("at least one epoch", s.epochs);
  if (s.batch_size < 1) fail_argument("a batch size of at least 1", s.batch_size);
  if (s.accumulate < 1) fail_argument("at least one batch a step", s.accumulate);
  if (!(s.rate > 0) || !(s.head_rate >= 0)) fail_argument("a rate above 0", s.rate);
  if (s.warmup_epochs < 0 || s.warmup_epochs > static_cast<double>(s.epochs))
    fail_argument(text("a warm-up within the ", s.epochs, " epochs"), s.warmup_epochs);
  if (s.criterion.kind == CriterionKind::topk &&
      !(s.criterion.keep_share > 0 && s.criterion.keep_share <= 1))
    fail_argument("a share to keep in (0, 1]", s.criterion.keep_share);
  if (s.label_smoothing < 0 || s.label_smoothing >= 1)
    fail_argument("a label smoothing in [0, 1)", s.label_smoothing);
  if (s.precision != "float32" && s.precision != "bfloat16")
    fail_argument("float32 or bfloat16 to train in", s.precision);
  if (s.batch_norm != "update" && s.batch_norm != "frozen")
    fail_argument("a batch norm: update or frozen", s.batch_norm);
  if (s.patience > 0 && !data.validation)
    fail_argument("a validation set (--validation) for early stopping", "none");
}

// Half-precision arithmetic while it lives, where asked for.
class Autocast {
 public:
  Autocast(const std::string& precision, const at::Device& device)
      : type_(device.type()), active_(precision == "bfloat16") {
    if (!active_) return;
    at::autocast::set_autocast_dtype(type_, at::kBFloat16);
    at::autocast::set_autocast_enabled(type_, true);
  }
  ~Autocast() {
    if (!active_) return;
    at::autocast::set_autocast_enabled(type_, false);
    at::autocast::clear_cache();  // it holds casts of weights that the step is about to change
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  at::DeviceType type_;
  bool active_;
};

class TrainingRun {
 public:
  TrainingRun(Backbone& backbone, const DataSplits& data, const TrainSettings& settings,
              const TrainHooks& hooks)
      : backbone_(backbone),
        data_(data),
        settings_(settings),
        hooks_(hooks),
        device_(settings.device),
        weights_(backbone, settings),
        objective_(make_supervised_objective(backbone.info(), *data.train, settings, device_)),
        loader_(data.train, train_transform(settings, backbone.info()), loader_options()) {}

  TrainResult run();

 private:
  LoaderOptions loader_options() const;
  void resume();
  void run_epoch();
  double learn_from(const Batch& batch, int64_t* correct);
  void end_epoch();
  double validate();
  void checkpoint(bool due);
  TensorMap state() const;
  void load(const TensorMap& state);
  void report(bool epoch_done, std::optional<double> validation_accuracy);
  bool patience_is_over() const;
  TrainResult result();

  Backbone& backbone_;
  const DataSplits& data_;
  const TrainSettings& settings_;
  const TrainHooks& hooks_;
  at::Device device_;
  LearnedWeights weights_;
  std::unique_ptr<Objective> objective_;
  Loader loader_;
  TrainingPosition position_;
  TensorMap best_;  // state of the best epoch by validation
  std::string fingerprint_;
  Clock::time_point start_, last_checkpoint_;
  double training_seconds_ = 0;
  int64_t trained_images_ = 0;
};

LoaderOptions TrainingRun::loader_options() const {
  LoaderOptions options;
  options.batch_size = settings_.batch_size;
  options.workers = settings_.workers;
  options.seed = settings_.seed;
  options.shuffle = true;
  // A last batch of one image has no batch statistics.
  options.drop_last = data_.train->size() >= settings_.batch_size;
  options.skip_bad_images = settings_.skip_bad_images;
  return options;
}

void TrainingRun::resume() {
  if (settings_.checkpoint.empty()) return;
  check_writable(std::filesystem::path(settings_.checkpoint) / "checkpoint.safetensors");
  fingerprint_ = run_fingerprint(settings_, data_, backbone_);
  const auto checkpoint = read_training_checkpoint(settings_.checkpoint, fingerprint_);
  if (!checkpoint) return;
  position_ = checkpoint->position;
  load(checkpoint->state);
  constexpr std::string_view best = "best.";
  for (const auto& [name, tensor] : checkpoint->state)
    if (name.starts_with(best)) best_[name.substr(best.size())] = tensor.clone();
  if (hooks_.note)
    hooks_.note(text("resumed at epoch ", position_.epoch + 1, ", batch ", position_.batch,
                     ", from ", settings_.checkpoint));
}

TrainResult TrainingRun::run() {
  start_ = last_checkpoint_ = Clock::now();
  resume();
  while (position_.epoch < settings_.epochs && !patience_is_over()) run_epoch();
  if (!best_.empty()) load(best_);
  return result();
}

void TrainingRun::run_epoch() {
  backbone_.network().train();
  if (settings_.batch_norm == "frozen") {
    for (const auto& module : backbone_.network().modules(/*include_self=*/false))
      if (module->as<torch::nn::BatchNorm2d>() != nullptr) module->eval();
  }
  weights_.start_epoch(position_.epoch);
  loader_.start_epoch(position_.epoch, position_.batch);
  const int64_t batches = loader_.batches_per_epoch();
  while (auto batch = loader_.next()) {
    const auto begin = Clock::now();
    position_.batch = batch->number + 1;
    const int64_t images = batch->labels.numel();
    int64_t correct = 0;
    position_.loss_sum += learn_from(*batch, &correct) * static_cast<double>(images);
    position_.correct += correct;
    position_.seen += images;
    trained_images_ += images;
    const bool steps = position_.batch % settings_.accumulate == 0 || position_.batch == batches;
    if (steps) {
      const double t = static_cast<double>(position_.epoch) +
                       static_cast<double>(position_.batch) / static_cast<double>(batches);
      const double share = rate_share(settings_.schedule, t, settings_.warmup_epochs,
                                      static_cast<double>(settings_.epochs));
      weights_.step(share);
      objective_->step(share);
    }
    training_seconds_ += seconds_since(begin);
    report(false, std::nullopt);
    if (hooks_.should_stop && hooks_.should_stop()) {
      if (steps) checkpoint(true);
      fail(ErrorKind::interrupted, "interrupted in epoch ", position_.epoch + 1,
           settings_.checkpoint.empty() ? " (nothing kept: no --checkpoint was given)"
                                        : "; the same command goes on from the checkpoint");
    }
    if (steps && position_.batch < batches)
      checkpoint(seconds_since(last_checkpoint_) >= settings_.checkpoint_seconds);
  }
  end_epoch();
}

double TrainingRun::learn_from(const Batch& batch, int64_t* correct) {
  const at::Tensor images = normalise(batch.images.to(device_), backbone_.info().preprocessing);
  ObjectiveOutcome outcome;
  {
    const Autocast autocast(settings_.precision, device_);
    outcome = objective_->evaluate(backbone_, images, batch.labels.to(device_));
  }
  *correct = outcome.correct;
  const auto loss = outcome.loss.item<double>();
  if (!std::isfinite(loss))
    fail(ErrorKind::corrupt_file, "expected a finite loss, got ", loss, ", in epoch ",
         position_.epoch + 1, ", step ", position_.batch,
         " (a lower --rate helps; the last checkpoint stands)");
  (settings_.accumulate > 1 ? outcome.loss / settings_.accumulate : outcome.loss).backward();
  return loss;
}

void TrainingRun::end_epoch() {
  if (position_.seen == 0)
    fail(ErrorKind::corrupt_file, "expected images that decode, got none in epoch ",
         position_.epoch + 1);
  std::optional<double> accuracy;
  if (data_.validation) {
    accuracy = validate();
    if (*accuracy > position_.best_accuracy) {
      position_.best_accuracy = *accuracy;
      position_.best_epoch = position_.epoch;
      best_ = state();
      for (auto& [name, tensor] : best_) tensor = tensor.clone();
    }
  }
  report(true, accuracy);
  position_.epoch += 1;
  position_.batch = position_.correct = position_.seen = 0;
  position_.loss_sum = 0;
  checkpoint(true);
}

double TrainingRun::validate() {
  LoaderOptions options;
  options.batch_size = settings_.batch_size;
  options.workers = settings_.workers;
  options.skip_bad_images = settings_.skip_bad_images;
  const Features features = extract_features(backbone_, data_.validation,
                                             test_transform(settings_, backbone_.info()), options);
  const at::Tensor predictions = head_scores(objective_->head(), features.values).argmax(1);
  return measure_accuracy(predictions, features.labels,
                          static_cast<int64_t>(data_.train->class_names().size()))
      .accuracy;
}

bool TrainingRun::patience_is_over() const {
  return settings_.patience > 0 && position_.best_epoch >= 0 &&
         position_.epoch - 1 - position_.best_epoch >= settings_.patience;
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

void TrainingRun::checkpoint(bool due) {
  if (!due || settings_.checkpoint.empty()) return;
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
  progress.masked_fraction = weights_.masked_fraction();
  const double wall = seconds_since(start_);
  if (trained_images_ > 0 && wall > 0) {
    progress.images_per_second = static_cast<double>(trained_images_) / wall;
    const auto batches_left = static_cast<double>(
        (settings_.epochs - position_.epoch) * progress.steps - position_.batch);
    progress.seconds_left =
        batches_left * static_cast<double>(settings_.batch_size) / progress.images_per_second;
  }
  hooks_.progress(progress);
}

TrainResult TrainingRun::result() {
  backbone_.network().eval();
  TrainResult result;
  result.epochs = position_.epoch;
  if (position_.best_epoch >= 0) result.best_validation_accuracy = position_.best_accuracy;
  result.bad_images = static_cast<int64_t>(loader_.bad_images().size());
  result.seconds = seconds_since(start_);
  if (training_seconds_ > 0)
    result.images_per_second = static_cast<double>(trained_images_) / training_seconds_;
  result.task.units = weights_.masks();
  result.task.head = objective_->head();
  if (settings_.method == "fft") {
    result.state_dict = weights_.state_dict();
    for (const auto& [name, tensor] : result.task.head)
      result.state_dict[backbone_.info().head_name + "." + name] = tensor;
  } else {
    result.task.statistics = weights_.statistics();
  }
  return result;
}

// The probe needs no loop: features once, then the optimum.
TrainResult fit_probe(Backbone& backbone, const DataSplits& data, const TrainSettings& settings) {
  const auto start = Clock::now();
  LoaderOptions options;
  options.batch_size = settings.batch_size;
  options.workers = settings.workers;
  options.skip_bad_images = settings.skip_bad_images;
  const Features features =
      extract_features(backbone, data.train, test_transform(settings, backbone.info()), options);
  LinearProbeOptions probe_options;
  probe_options.l2 = settings.probe_l2;
  const LinearProbe probe = fit_linear_probe(
      features, static_cast<int64_t>(data.train->class_names().size()), probe_options);
  TrainResult result;
  result.task.head = {{"weight", probe.weight}, {"bias", probe.bias}};
  result.bad_images = static_cast<int64_t>(features.skipped.size());
  result.seconds = seconds_since(start);
  result.images_per_second = static_cast<double>(data.train->size()) / result.seconds;
  return result;
}

}  // namespace

Transform test_transform(const TrainSettings& settings, const BackboneInfo& backbone) {
  Transform transform;
  transform.preprocessing = backbone.preprocessing;
  if (settings.input_size > 0) transform.preprocessing.input_size = settings.input_size;
  return transform;
}

Transform train_transform(const TrainSettings& settings, const BackboneInfo& backbone) {
  Transform transform = test_transform(settings, backbone);
  transform.train = true;
  transform.crop_scale_min = settings.crop_scale_min;
  transform.pad = settings.pad;
  transform.flip = settings.flip;
  return transform;
}

TrainResult train(Backbone& backbone, const DataSplits& data, const TrainSettings& settings,
                  const TrainHooks& hooks) {
  check_settings(settings, data);
  backbone.to(at::Device(settings.device));
  TrainResult result = settings.method == "lp" ? fit_probe(backbone, data, settings)
                                               : TrainingRun(backbone, data, settings, hooks).run();
  Task& task = result.task;
  task.backbone = backbone.info().name;
  task.weights_identity = backbone.identity();
  task.criterion = criterion_name(settings.criterion.kind);
  task.scale = settings.criterion.scale && settings.criterion.kind != CriterionKind::flip;
  task.classes = data.train->class_names();
  task.preprocessing = test_transform(settings, backbone.info()).preprocessing;
  nlohmann::json provenance = {{"settings", settings_record(settings)},
                               {"data_digest", data.train->digest()},
                               {"training_images", data.train->size()}};
  task.provenance = provenance.dump();
  return result;
}

}  // namespace submask
