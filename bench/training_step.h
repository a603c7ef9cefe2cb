// One training step as train() takes it (uint8 batch, normalise, forward, backward, both updates),
// on a seeded network and seeded images, without the loader.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/options.h"
#include "learn/learned_weights.h"
#include "learn/objective.h"

namespace submask::bench {

struct StepSettings {
  std::string backbone = "resnet18";
  std::string method = "fs";  // fs | fft
  int64_t batch = 16;
  int64_t pixels = 224;
  std::string precision = "float32";     // float32 | bfloat16
  std::string layout = "channels-last";  // channels-last | contiguous: of the network's input

  void add_to(Options& options);        // all but the method
  nlohmann::ordered_json json() const;  // for print_result()
};

class TrainingStep {
 public:
  explicit TrainingStep(const StepSettings& settings);

  void run();
  void run(int steps);

  // The update alone, from gradients of the first call's making.
  void update_only();
  int64_t learned_weights() const;  // that update_only() moves

 private:
  void forward_backward();

  StepSettings settings_;
  std::unique_ptr<Backbone> backbone_;
  std::unique_ptr<LearnedWeights> weights_;
  std::unique_ptr<Objective> objective_;
  at::Tensor images_, labels_;
  std::vector<std::pair<at::Tensor, at::Tensor>> gradients_;  // parameter, its gradient
};

}  // namespace submask::bench
