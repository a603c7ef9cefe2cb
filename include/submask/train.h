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
#include <submask/train_settings.h>

namespace submask {

// The settings a backbone learns well with by a method, changed by a recipe: "default" (nothing),
// pretrain (of random weights), the paper's own for its models (paper-rn18, ...) or one of
// image_recipes(), which keeps the rates. Throws invalid_argument.
TrainSettings recipe_settings(const std::string& recipe, Method method,
                              const BackboneInfo& backbone);
std::vector<std::string> recipe_names();

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

// Of a run of several stages. All may be empty.
struct RunHooks {
  // Of a run of training, named "fs", "dispatcher" or "expert 3/5".
  std::function<TrainHooks(const std::string& stage)> training;
  // Images of a stage ("test set") whose features are known. May throw, to stop.
  std::function<void(const std::string& stage, int64_t done, int64_t total)> images;
  std::function<void(const std::string& line)> note;
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

// Tries `trials` rates around settings.update.rate (itself, a third, three times, a ninth, ...) for
// a few epochs each and sets settings.update.rate to the best. Needs data.validation; throws
// invalid_argument without.
std::vector<TuneTrial> tune_rate(Backbone& backbone, const DataSplits& data,
                                 TrainSettings& settings, int64_t trials,
                                 const TrainHooks& hooks = {});

}  // namespace submask
