// Accuracy against the number of labels: what learning without labels is for.
//
// Every method learns from the same seeded choices of labelled images. lp, fs and fft see those
// alone; ssl-fs and ssl-ft learn from all training images without labels, once a seed, and a linear
// probe is then fitted to the labelled ones.
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
  std::vector<std::string> labels = {"1p", "10p", "100p"};  // each as DataOptions::labels
  std::vector<uint64_t> seeds = {0, 1, 2};
  // fs and fft take as many steps on few labels as on all of them, but in at most so many epochs.
  int64_t most_epochs = 100;
  // Results stay here, one file a cell: a run that ended early goes on, with the same settings.
  std::filesystem::path folder;
};

// One method at one number of labels with one seed.
struct LowLabelCell {
  Method method = Method::fs;
  std::string labels;
  uint64_t seed = 0;
  int64_t labelled_images = 0;
  int64_t epochs = 0;  // of the network; 0 for lp
  double accuracy = 0;
  double masked_fraction = 0;
  double seconds = 0;  // of an ssl method's network: in each of its cells
};

// The settings of a method (its epochs: over all training images), without seed and checkpoint.
using SettingsOf = std::function<TrainSettings(Method method)>;
// For each network that is learned; `label` names it.
using HooksOf = std::function<TrainHooks(const std::string& label)>;

// `data`: all training images with their labels. Task files (METHOD-seedN.task) and weights of the
// ssl methods are kept in the folder too. Throws as train() does, and invalid_argument where the
// folder holds results of other settings.
std::vector<LowLabelCell> run_low_labels(Backbone& backbone, const DataSplits& data,
                                         const SettingsOf& settings, const LowLabelOptions& options,
                                         const HooksOf& hooks);

struct LowLabelSummary {
  Method method = Method::fs;
  int64_t labelled_images = 0;
  int64_t seeds = 0;
  double mean = 0;       // of the accuracies
  double deviation = 0;  // of a sample of one; 0 for one seed
};

// Over seeds, by method in the order of the cells and then by rising labelled images.
std::vector<LowLabelSummary> summarise(const std::vector<LowLabelCell>& cells);

// Accuracy against labelled images (logarithmic), a curve and a band of +- one deviation a method;
// and the methods side by side at one number of labelled images. Throws as plot_masked_fraction()
// (plot.h), the second also where no cell has so many labels.
void plot_low_labels(const std::vector<LowLabelSummary>& summaries, const std::string& title,
                     const std::filesystem::path& out);
void plot_methods_at(const std::vector<LowLabelSummary>& summaries, int64_t labelled_images,
                     const std::string& title, const std::filesystem::path& out);

}  // namespace submask
