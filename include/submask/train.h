// Learns one task over a backbone: masks and full fine-tuning, with labels or without, linear
// probes, and small adapters to compare masks with.
//
// train() does not change the backbone's theta, also where it ends with an error. With the same
// settings, data and number of threads it gives the same bits, also when it was killed and resumed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <submask/backbone.h>
#include <submask/dataset.h>
#include <submask/train_settings.h>

namespace submask {

// Returns settings with which a backbone learns well by a method, changed by a recipe: "default"
// (no change), "pretrain" (for random weights), the paper's own for its models ("paper-rn18", ...)
// or one of image_recipes(), which keeps the rates. Throws invalid_argument for another recipe.
TrainSettings recipe_settings(const std::string& recipe, Method method,
                              const BackboneInfo& backbone);
std::vector<std::string> recipe_names();

// The rate of a mask that learns by these settings' update rule, with or without unit rates.
double usual_mask_rate(const TrainSettings& settings, const MaskDefaults& defaults);

// Numbers by which a user can watch a run without labels. All but the first are over the epoch so
// far. For DINO the outputs are the prototypes, and the teacher's outputs are the assignments.
struct SelfSupervisedProgress {
  double uniform_loss = 0;  // ln(prototypes): the loss of a guess
  // Nats, mean over crops: 0 where each crop has one prototype, ln(K) where it has all K alike.
  double assignment_entropy = 0;
  double prototypes_in_use = 0;  // share of prototypes that are the first choice of some crop
  // Standard deviation of projections over crops, times sqrt(width): near 1 where they point in all
  // directions, 0 where they are all equal.
  double spread = 0;
};

struct TrainProgress {
  int64_t epoch = 0;  // from 1
  int64_t epochs = 0;
  int64_t step = 0;  // batches done in this epoch
  int64_t steps = 0;
  bool epoch_done = false;
  double loss = 0;                            // mean of the epoch so far
  double accuracy = 0;                        // on the training batches of the epoch so far
  std::optional<double> validation_accuracy;  // at an epoch's end
  std::optional<SelfSupervisedProgress> self_supervised;
  double masked_fraction = 0;
  double images_per_second = 0;
  double seconds_left = 0;
};

struct TrainHooks {
  std::function<void(const TrainProgress&)> progress;  // after every batch and at an epoch's end
  std::function<void(const std::string&)> note;        // a line for the user: resumed, a warning
  std::function<bool()> should_stop;                   // true: checkpoint, then Error interrupted
  // Gets the task that fs or ssl-fs has learned after each epoch (from 1), in the form of
  // TrainResult. An epoch may come a second time after a killed run was resumed.
  std::function<void(int64_t epoch, const Task& task)> learned;
};

// Hooks of a run with several stages. All may be empty.
struct RunHooks {
  // Returns the hooks for a stage that trains, named "fs", "dispatcher" or "expert 3/5".
  std::function<TrainHooks(const std::string& stage)> training;
  // Gets the number of images of a stage ("test set") whose features are done. May throw, to stop.
  std::function<void(const std::string& stage, int64_t done, int64_t total)> images;
  std::function<void(const std::string& line)> note;
};

struct TrainResult {
  Task task;         // complete but for accuracies; without units or statistics where no mask is
  TensorMap scores;  // fs, ssl-fs: the scores behind the mask, float32, CPU, by unit name
  // Of what learns weights: the full state dict, head included, and the bytes that the changes
  // alone would take as a file, at their smallest.
  TensorMap state_dict;
  int64_t adapter_bytes = 0;
  std::optional<double> byte_price;  // that was found for TrainSettings::bytes
  int64_t epochs = 0;                // trained (early stopping may end before settings.epochs)
  std::optional<double> best_validation_accuracy;
  std::vector<std::string> bad_images;  // training images that did not decode (skip_bad_images)
  double images_per_second = 0;         // of the training loop alone
  double waiting_share = 0;             // share of the epochs' time spent waiting for the loader
  double seconds = 0;
};

// Throws invalid_argument (settings that cannot be met), corrupt_file (images that do not decode; a
// loss that is not finite, with its epoch and step, where the last checkpoint stays), interrupted
// (hooks.should_stop), io.
TrainResult train(Backbone& backbone, const DataSplits& data, const TrainSettings& settings,
                  const TrainHooks& hooks = {});

// A rate that was tried on the validation part.
struct TuneTrial {
  double rate = 0;
  double validation_accuracy = 0;  // of the best epoch; 0 where the loss was not finite
};

// Tries `trials` rates around settings.update.rate (itself, a third, three times, a ninth, ...) for
// at most five epochs each, and sets settings.update.rate to the best and settings.tuned_rates to
// all. Throws invalid_argument without data.validation, for the method lp, and as train() does.
std::vector<TuneTrial> tune_rate(Backbone& backbone, const DataSplits& data,
                                 TrainSettings& settings, int64_t trials,
                                 const TrainHooks& hooks = {});

}  // namespace submask
