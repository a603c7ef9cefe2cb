// Measures accuracy with several numbers of labels, to show what learning without labels gains
// where labels are few.
//
// With the same seed all methods have the same labelled images. lp, fs and fft learn from these
// alone. The others first learn from all training images without labels, once for each seed: over
// that network ssl-fs and ssl-ft fit a linear probe to the labelled images, and from its mask
// ssl-fs+fs and ssl-fs+fft go on as `submask train --from` does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <submask/train.h>

#include "grid/low_label_cell.h"

namespace submask {

struct LowLabelOptions {
  // Of low_label_methods().
  std::vector<LowLabelMethod> methods = {
      {{}, Method::lp},
      {{}, Method::fs},
      {{}, Method::fft},
      {Method::ssl_fs, Method::lp},
      {Method::ssl_ft, Method::lp},
      {Method::ssl_fs, Method::fs},
      {Method::ssl_fs, Method::fft},
  };
  std::vector<std::string> labels = {"1p", "10p", "100p"};  // as DataOptions::labels
  std::vector<uint64_t> seeds = {0, 1, 2};
  // Masks and weights take as many steps on few labels as on all of them, but at most so many
  // epochs.
  int64_t most_epochs = 100;
  // Keeps results and networks (low_label_store.h), so that a run that ended early can go on with
  // the same settings.
  std::filesystem::path folder;
};

// Returns the settings of one stage of a method, without seed and checkpoint. The epochs are those
// of a run on all training images.
using SettingsForMethod = std::function<TrainSettings(Method method)>;
// Returns the hooks for learning a network; `name` is its name ("fs-10p-seed0", "ssl-fs-seed0").
using HooksForNetwork = std::function<TrainHooks(const std::string& name)>;

// `data` has all training images with their labels. Throws as train() does, and invalid_argument
// where the folder has results of other settings or data.
std::vector<LowLabelCell> run_low_labels(Backbone& backbone, const DataSplits& data,
                                         const SettingsForMethod& settings,
                                         const LowLabelOptions& options,
                                         const HooksForNetwork& hooks);

}  // namespace submask
