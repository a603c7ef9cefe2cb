// Learning one task over a backbone: supervised masks, full fine-tuning, linear probes.
//
// train() leaves the backbone's theta bit-identical, whatever it learned and however it ended. With
// the same settings, data and number of threads it ends in the same bits, also when it was killed
// and resumed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <submask/backbone.h>
#include <submask/dataset.h>
#include <submask/head.h>
#include <submask/loader.h>
#include <submask/mask.h>
#include <submask/self_supervised.h>
#include <submask/task_file.h>

namespace submask {

// What a run goes on from: another run's mask and statistics and, where they are at hand, its
// scores.
struct LearnedStart {
  Task task;
  TensorMap scores;  // float32 by unit name; empty: the mask's cut, as score_start puts it
};

struct TrainSettings {
  // fs: mask + head | fft: all weights + head | lp: linear probe | ssl-fs, ssl-ft: a mask or all
  // weights by `objective`, without labels and without a head
  std::string method = "fs";
  std::string objective = "swav";  // of ssl-fs and ssl-ft: one of objective_names()
  SwavSettings swav;
  DinoSettings dino;
  int64_t epochs = 10;
  int64_t batch_size = 64;
  uint64_t seed = 0;
  int workers = 2;             // loader threads
  std::string device = "cpu";  // cpu | cuda[:N]

  // Rates of the mask (fs) or of all weights (fft), and of the head; both follow the schedule.
  std::string update_rule = "sgd";  // sgd | adam, of the mask or weights; the head always has sgd
  double rate = 50;
  double head_rate = 7e-4;
  double momentum = 0.9;
  bool nesterov = false;
  double weight_decay = 0;
  double head_weight_decay = 1e-4;
  // The rate rises linearly from 0; < 0: over a quarter of the epochs. Without labels the rate of
  // projection and prototypes (head_rate) does not.
  double warmup_epochs = 0;
  std::string schedule = "cosine";  // cosine (to 0 at the end) | constant

  Criterion criterion;
  CriterionSchedule criterion_schedule;
  ScoreStart score_start;
  MaskSelection selection;
  // linear | masked (frozen random weights, learned by a mask) | clip (frozen: clip_head)
  std::string head = "linear";
  std::optional<CosineHead> clip_head;  // zero_shot_head() of the training set's classes
  std::vector<std::string> prompts;     // it was made with, for the record
  std::string batch_norm = "update";    // update | frozen running statistics
  std::string from_task;                // task file whose mask the scores start from
  // In its place, where that lies in memory.
  std::shared_ptr<const LearnedStart> start;

  int64_t accumulate = 1;  // batches per step
  double label_smoothing = 0;
  std::string class_weights = "none";  // none | balanced (n / (classes * n_c))

  // Of training and test images; 0, 0 and "": the backbone's.
  int64_t input_size = 0;                       // pixels
  double crop_share = 0;                        // (0, 1]
  std::string interpolation;                    // bicubic | bilinear
  std::vector<CropRecipe> crops{CropRecipe()};  // of a training image; here one kind, one crop
  bool fast_decode = false;                     // see Transform
  bool skip_bad_images = false;
  CacheOptions cache;  // of training and validation images

  // With a validation set: epochs between two looks at it (without labels by kNN among the training
  // images).
  int64_t validate_every = 1;
  int64_t patience = 0;  // with a validation set: stop after N epochs without a better one; 0 never
  double probe_l2 = -1;  // lp, see LinearProbeOptions

  std::string checkpoint;           // folder; empty: none
  double checkpoint_seconds = 120;  // also written at each epoch's end
};

bool learns_without_labels(const std::string& method);  // ssl-fs, ssl-ft
bool learns_all_weights(const std::string& method);     // fft, ssl-ft

// The settings a backbone learns well with by a method, changed by a recipe: "default" (nothing),
// the paper's own for its models (paper-rn18, ...) or one of image_recipes(), which keeps the
// rates. Throws invalid_argument.
TrainSettings recipe_settings(const std::string& recipe, const std::string& method,
                              const BackboneInfo& backbone);
std::vector<std::string> recipe_names();

// Everything that changes the result, as JSON; not the number of workers, nor where checkpoints go.
std::string settings_text(const TrainSettings& settings, const Backbone& backbone);

// What a run without labels is watched by; all but the first over the epoch so far. DINO's outputs
// count as prototypes, its teacher's as assignments.
struct SelfSupervisedProgress {
  double uniform_loss = 0;        // ln(prototypes): what the loss is where nothing was learned
  double assignment_entropy = 0;  // nats, mean over crops: 0 one prototype each, ln(K) all alike
  double prototypes_in_use = 0;   // share of the prototypes that some crop was assigned to most
  double spread = 0;  // standard deviation of projections over crops, times sqrt(width): near 1
                      // where they point everywhere, 0 where all are one
};

struct TrainProgress {
  int64_t epoch = 0;  // from 1
  int64_t epochs = 0;
  int64_t step = 0;  // batches done in this epoch
  int64_t steps = 0;
  bool epoch_done = false;
  double loss = 0;                            // mean of the epoch so far
  double accuracy = 0;                        // on training batches of the epoch so far
  std::optional<double> validation_accuracy;  // at an epoch's end
  std::optional<SelfSupervisedProgress> self_supervised;
  double masked_fraction = 0;
  double images_per_second = 0;
  double seconds_left = 0;
};

struct TrainHooks {
  std::function<void(const TrainProgress&)> progress;  // after every batch and at an epoch's end
  std::function<void(const std::string&)> note;  // a line worth telling: resumed, stopped early
  std::function<bool()> should_stop;             // true: checkpoint, then Error interrupted
  // What fs and ssl-fs have learned after an epoch, from 1, as TrainResult would have it. An epoch
  // comes again where a run that was killed goes on before its end.
  std::function<void(int64_t epoch, const Task& task)> learned;
};

struct TrainResult {
  Task task;  // fs, lp: complete but for accuracies. fft: head, classes, preprocessing, no units
  TensorMap scores;      // fs, ssl-fs: what the mask was cut from, float32, CPU, by unit name
  TensorMap state_dict;  // fft: the full state dict, head included
  int64_t epochs = 0;    // trained (early stopping may end before settings.epochs)
  std::optional<double> best_validation_accuracy;
  std::vector<std::string> bad_images;  // training images that did not decode (skip_bad_images)
  double images_per_second = 0;         // of the training loop alone
  double waiting_share = 0;             // of the epochs' time, spent waiting for the loader
  double seconds = 0;
};

// Throws invalid_argument (settings that cannot be met), corrupt_file (bad images, loss not finite:
// names epoch and step, the last good checkpoint stays), io.
TrainResult train(Backbone& backbone, const DataSplits& data, const TrainSettings& settings,
                  const TrainHooks& hooks = {});

// One rate tried on the validation part.
struct TuneTrial {
  double rate = 0;
  double validation_accuracy = 0;  // of the best epoch; 0 where the loss was not finite
};

// Tries `trials` rates around settings.rate (itself, a third, three times, a ninth, ...) for a few
// epochs each and sets settings.rate to the best. Needs data.validation; throws invalid_argument
// without.
std::vector<TuneTrial> tune_rate(Backbone& backbone, const DataSplits& data,
                                 TrainSettings& settings, int64_t trials,
                                 const TrainHooks& hooks = {});

// How the images of a run are prepared, in training and for tests.
Transform train_transform(const TrainSettings& settings, const BackboneInfo& backbone);
Transform test_transform(const TrainSettings& settings, const BackboneInfo& backbone);

}  // namespace submask
