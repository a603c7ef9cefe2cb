// Two layers and a loss in float64, batch and weights from a fixed seed, and an adapter over them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "adapter/adapter_optimizer.h"

namespace submask {

struct TwoLayers {
  TwoLayers() {
    torch::manual_seed(5);
    input = torch::randn({16, 9}, torch::kDouble);
    target = torch::randn({16, 3}, torch::kDouble);
    theta = {torch::randn({7, 9}, torch::kDouble), torch::randn({3, 7}, torch::kDouble)};
    for (const at::Tensor& each : theta) weights.push_back(each.clone().requires_grad_(true));
  }

  std::vector<ParameterRows> rows() const {
    std::vector<ParameterRows> rows;
    for (size_t i = 0; i < theta.size(); ++i)
      rows.push_back({"unit" + std::to_string(i), weights[i], theta[i], 0, theta[i].size(0)});
    return rows;
  }

  at::Tensor loss(const std::vector<at::Tensor>& w) const {
    return (at::linear(at::tanh(at::linear(input, w[0])), w[1]) - target).pow(2).mean();
  }

  void step(Optimizer& optimizer, double rate = 0.1) const {
    loss(weights).backward();
    optimizer.step(rate);
  }

  at::Tensor input, target;
  std::vector<at::Tensor> theta, weights;
};

inline UpdateSettings momentum_and_decay() {
  UpdateSettings update;
  update.momentum = 0.9;
  update.weight_decay = 0.01;
  return update;
}

}  // namespace submask
