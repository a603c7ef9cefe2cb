#include "learn/moving_average.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "mask/update_state.h"

namespace submask {

MovingAverage::MovingAverage(const TensorMap& tensors) {
  for (const auto& [name, tensor] : tensors) values_[name] = tensor.detach().clone();
}

void MovingAverage::follow(const TensorMap& tensors, double momentum) {
  const at::NoGradGuard no_grad;
  for (auto& [name, value] : values_) value.lerp_(tensors.at(name).detach(), 1 - momentum);
}

void MovingAverage::save(const std::string& prefix, TensorMap& state) const {
  for (const auto& [name, value] : values_) state[prefix + name] = value;
}

void MovingAverage::load(const std::string& prefix, const TensorMap& state) {
  for (auto& [name, value] : values_) load_state(state, prefix + name, value);
}

}  // namespace submask
