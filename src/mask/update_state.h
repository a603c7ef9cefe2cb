// The state of one value, scores or plain weights, under an update rule
// (submask/update_settings.h).
#pragma once

#include <cstdint>
#include <string>

#include <ATen/core/Tensor.h>

#include <submask/update_settings.h>
#include <submask/weight_file.h>

namespace submask {

class UpdateState {
 public:
  // Throws invalid_argument for a momentum or decay out of range.
  UpdateState(const UpdateSettings& settings, const at::Tensor& value);

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
