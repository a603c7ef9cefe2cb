// How a gradient moves a value: SGD with momentum, or Adam. The values are scores or plain weights
// alike.
#pragma once

#include <cstdint>
#include <string>

#include <ATen/core/Tensor.h>

#include <submask/weight_file.h>

namespace submask {

struct UpdateSettings {
  std::string kind = "sgd";  // sgd | adam
  double momentum = 0.9;     // sgd
  bool nesterov = false;     // sgd
  double weight_decay = 0;   // L2, added to the gradient, as torch.optim does
  double beta1 = 0.9;        // adam
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

// The state of one value under an update rule; as torch.optim.SGD (dampening 0) and Adam.
class UpdateRule {
 public:
  // Throws invalid_argument for an unknown kind or a rate out of range.
  UpdateRule(const UpdateSettings& settings, const at::Tensor& value);

  // value += update(gradient). Infinite values (never-masked scores) stay, without decay.
  void apply(at::Tensor& value, const at::Tensor& gradient, double rate);

  const UpdateSettings& settings() const { return settings_; }
  at::Tensor& first_moment() { return first_; }  // sgd: the velocity

  // Adds its tensors under `prefix` to a checkpoint, and takes them back.
  void save(const std::string& prefix, TensorMap& state) const;
  void load(const std::string& prefix, const TensorMap& state);

 private:
  UpdateSettings settings_;
  at::Tensor first_, second_;
  int64_t steps_ = 0;
};

// The tensor `name` of a checkpoint, copied into `into` (same shape and dtype); throws
// corrupt_file.
void load_state(const TensorMap& state, const std::string& name, at::Tensor& into);

}  // namespace submask
