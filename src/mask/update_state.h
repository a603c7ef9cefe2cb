// The state that an update rule (submask/update_settings.h) keeps for one tensor of scores or plain
// weights.
#pragma once

#include <cstdint>
#include <string>

#include <ATen/core/Tensor.h>

#include <submask/update_settings.h>
#include <submask/weight_file.h>

namespace submask {

// Throws invalid_argument for a momentum, beta or decay out of range.
void check_update(const UpdateSettings& settings);

class UpdateState {
 public:
  // The state has the shape, dtype and device of `value`. Throws as check_update().
  UpdateState(const UpdateSettings& settings, const at::Tensor& value);

  // Moves `value` by one update. Infinite values (scores of weights that are never masked) stay:
  // they do not decay.
  void apply(at::Tensor& value, const at::Tensor& gradient, double rate);

  const UpdateSettings& settings() const { return settings_; }
  at::Tensor& first_moment() { return first_; }  // sgd: the velocity

  // Adds the state's tensors to a checkpoint, with names that start with `prefix`, and reads them
  // back. load() throws corrupt_file.
  void save(const std::string& prefix, TensorMap& state) const;
  void load(const std::string& prefix, const TensorMap& state);

 private:
  UpdateSettings settings_;
  at::Tensor first_, second_;
  int64_t steps_ = 0;
};

// Copies the tensor `name` of a checkpoint into `into`. Throws corrupt_file where it is missing or
// has another shape or dtype.
void load_state(const TensorMap& state, const std::string& name, at::Tensor& into);

}  // namespace submask
