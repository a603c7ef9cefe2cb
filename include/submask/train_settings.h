// All settings of a run of learning. Their names are those of the options of `submask train`
// (docs/options.md).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <submask/adapter.h>
#include <submask/evaluate.h>
#include <submask/head.h>
#include <submask/loader.h>
#include <submask/mask.h>
#include <submask/recipe.h>
#include <submask/self_supervised.h>
#include <submask/task.h>
#include <submask/update_settings.h>

namespace submask {

enum class Method {
  fs,      // a mask and a head
  fft,     // all weights and a head
  lp,      // a linear probe of the frozen features
  ssl_fs,  // a mask by an objective that needs no labels, without a head
  ssl_ft,  // all weights by such an objective

  // Small adapters and a head, to be compared with masks (adapter.h).
  norm,      // the scales and shifts of the norms
  bias,      // all biases (BitFit, Ben Zaken et al. 2022)
  lora,      // low-rank changes of convolutions and linear layers
  sparse,    // the largest changes
  bitdelta,  // the signs of all changes, and a scale a row
};
constexpr auto names_of(Method) {
  return std::array{"fs",   "fft",  "lp",   "ssl-fs", "ssl-ft",
                    "norm", "bias", "lora", "sparse", "bitdelta"};
}

constexpr bool learns_masks(Method method) {
  return method == Method::fs || method == Method::ssl_fs;
}
// Whether the result is a full state dict and not a task file.
constexpr bool learns_weights(Method method) {
  return !learns_masks(method) && method != Method::lp;
}
// Whether w is written from theta and a few numbers.
constexpr bool learns_small_change(Method method) {
  return method == Method::lora || method == Method::sparse || method == Method::bitdelta;
}
constexpr bool learns_without_labels(Method method) {
  return method == Method::ssl_fs || method == Method::ssl_ft;
}
// sparse and bitdelta fine-tune in the first half of the epochs and learn in their form in the
// second.
constexpr int64_t least_epochs(Method method) {
  return method == Method::sparse || method == Method::bitdelta ? 2 : 1;
}
// Whether a task may be what the run starts from (TrainSettings::from_task).
constexpr bool may_start_from_task(Method method) {
  return learns_masks(method) || method == Method::fft;
}

enum class Schedule { cosine, constant };  // cosine: falls to 0 at the end
constexpr auto names_of(Schedule) { return std::array{"cosine", "constant"}; }

enum class HeadKind {
  linear,
  masked,  // frozen random weights and a mask over them
  clip,    // frozen text embeddings of the class names
};
constexpr auto names_of(HeadKind) { return std::array{"linear", "masked", "clip"}; }

enum class PriceBy {
  uniform,  // all weights pay alike
  coder,    // as much as the coder takes to say that they are off
};
constexpr auto names_of(PriceBy) { return std::array{"uniform", "coder"}; }

enum class BatchNorm { update, frozen };  // of running statistics
constexpr auto names_of(BatchNorm) { return std::array{"update", "frozen"}; }

enum class ClassWeights { none, balanced };  // balanced: n / (classes * n_c)
constexpr auto names_of(ClassWeights) { return std::array{"none", "balanced"}; }

// The start of a run that goes on from another one: that run's task and, where they are in memory,
// its scores. Fine-tuning starts from the task's masked weights, and has no use for scores.
struct LearnedStart {
  Task task;
  // Float32 by unit name. Empty: scores are as far from mu as score_start says, on the side of mu
  // that gives the task's mask.
  TensorMap scores;
};

struct TrainSettings {
  Method method = Method::fs;
  SelfSupervisedSettings self_supervised;  // of ssl-fs and ssl-ft
  int64_t epochs = 10;
  uint64_t seed = 0;
  std::string device = "cpu";                   // cpu | cuda[:N]
  InputSettings input;                          // of training, validation and test images
  std::vector<CropRecipe> crops{CropRecipe()};  // kinds of crops of a training image

  // How the mask or all weights learn, and how the head learns, or, without labels, the layers on
  // top of the backbone. Both rates follow the schedule.
  UpdateSettings update{.rate = 50};
  // Whether a mask unit's rate is `update.rate` over the averaged root mean square of its weights'
  // c * theta * g (mask.h). Of SGD.
  bool unit_rates = false;
  bool has_unit_rates() const { return unit_rates && update.rule == UpdateRule::sgd; }
  // Beside a mask, batch norms' weights and biases learn at this rate, without a warm-up. The task
  // has them as running statistics, where they take no bytes. 0: they stay.
  double norm_rate = 0;
  UpdateSettings head_update{.rate = 7e-4, .weight_decay = 1e-4};
  // The rates rise linearly from 0 over these epochs; not set: a quarter of all epochs. Without
  // labels the head's rate has no warm-up.
  std::optional<double> warmup_epochs = 0;
  Schedule schedule = Schedule::cosine;
  int64_t accumulate = 1;  // batches a step

  Criterion criterion;
  std::optional<CriterionSchedule> criterion_schedule;
  ScoreStart score_start;
  // A ScorePull back to where scores start, in units of their distance from mu there.
  double byte_price = 0;
  PriceBy price_by = PriceBy::uniform;
  // Of the task file: the run finds the price for it, beginning at byte_price where that is set.
  std::optional<int64_t> bytes;
  // What is written into the file's provenance once the run is over, which `bytes` counts too.
  int64_t later_bytes = 0;
  bool pays_for_bytes() const { return byte_price > 0 || bytes; }
  MaskSelection selection;
  AdapterSettings adapter;
  // Of masks and fft: the task file that scores or weights, and running statistics, start from; "":
  // none.
  std::string from_task;
  std::shared_ptr<const LearnedStart> start;  // such a start in memory; from_task comes before it

  HeadKind head = HeadKind::linear;
  // For HeadKind::clip: text embeddings of the training set's classes. A RunSpec (run.h) makes it
  // of TextSettings.
  std::optional<CosineHead> clip_head;
  std::vector<std::string> prompts;  // with which clip_head was made, for the record
  BatchNorm batch_norm = BatchNorm::update;
  // Of a run of several processes: whether batch norm takes the statistics of the whole batch, and
  // not of each process's share of it.
  bool sync_batch_norm = false;
  double bucket_mib = 25;  // MiB of gradients that are summed over the processes together
  double label_smoothing = 0;
  ClassWeights class_weights = ClassWeights::none;
  std::optional<double> probe_l2;  // of lp, see LinearProbeOptions

  // With a validation set: its accuracy is measured each `validate_every` epochs (without labels by
  // kNN among the training images), and the run stops after `patience` epochs without a better one.
  int64_t validate_every = 1;
  std::optional<int64_t> patience;

  // The rates that tune_rate() tried before `update` got the best of them, for the record.
  std::vector<double> tuned_rates;

  std::string checkpoint;           // folder; "": none
  double checkpoint_seconds = 120;  // between checkpoints; each epoch's end writes one too
};

// The settings of a cascade, beside those with which its members learn.
struct CascadeSettings {
  // Task file; "": the run first learns a dispatcher. Experts start from the scores of a dispatcher
  // that this run has learned, and from the mask of one in a file, which holds no scores.
  std::string dispatcher;
  RouterKind router = RouterKind::gmm;
  int64_t router_width = 20;  // of the whitened PCA of its input
  int64_t experts = 5;        // at most: clusters of fewer images than a batch are dissolved
};

}  // namespace submask
