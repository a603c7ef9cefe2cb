// Measures accuracy with several numbers of labels, to show what learning without labels gains
// where labels are few.
//
// With the same seed all methods have the same labelled images. lp, fs and fft learn from these
// alone. ssl-fs and ssl-ft learn from all training images without labels, once for each seed, and
// then a linear probe is fitted to the labelled images.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <submask/train.h>

namespace submask {

struct LowLabelOptions {
  std::vector<Method> methods = {Method::lp, Method::fs, Method::fft, Method::ssl_fs,
                                 Method::ssl_ft};
  std::vector<std::string> labels = {"1p", "10p", "100p"};  // as DataOptions::labels
  std::vector<uint64_t> seeds = {0, 1, 2};
  // fs and fft take as many steps on few labels as on all of them, but at most so many epochs.
  int64_t most_epochs = 100;
  // Keeps results, one file for each cell, so that a run that ended early can go on with the same
  // settings.
  std::filesystem::path folder;
};

// The result of one method with one number of labels and one seed.
struct LowLabelCell {
  Method method = Method::fs;
  std::string labels;
  uint64_t seed = 0;
  int64_t labelled_images = 0;
  int64_t epochs = 0;  // of the network; 0 for lp
  double accuracy = 0;
  double masked_fraction = 0;
  double seconds = 0;  // includes the time to learn the network, also in each cell of an ssl method
};

// Returns the settings of a method, without seed and checkpoint. The epochs are those of a run on
// all training images.
using SettingsForMethod = std::function<TrainSettings(Method method)>;
// Returns the hooks for learning a network; `name` is its name ("fs-10p-seed0").
using HooksForNetwork = std::function<TrainHooks(const std::string& name)>;

// `data` has all training images with their labels. The folder also keeps what the ssl methods
// learn: METHOD-seedN.task or .safetensors. Throws as train() does, and invalid_argument where the
// folder has results of other settings or data.
std::vector<LowLabelCell> run_low_labels(Backbone& backbone, const DataSplits& data,
                                         const SettingsForMethod& settings,
                                         const LowLabelOptions& options,
                                         const HooksForNetwork& hooks);

}  // namespace submask
