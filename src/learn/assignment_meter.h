// Measures what a run without labels is watched by (SelfSupervisedProgress) over an epoch.
#pragma once

#include <cstdint>
#include <string>

#include <ATen/core/Tensor.h>

#include <submask/train.h>

namespace submask {

class AssignmentMeter {
 public:
  AssignmentMeter(int64_t prototypes, const at::Device& device);

  void start_epoch();

  // Of one batch: assignments [M, K], rows that sum to 1; projections [M, F], of length 1.
  void add(const at::Tensor& assignments, const at::Tensor& projections);

  SelfSupervisedProgress progress() const;

  // So that what an epoch reports does not depend on interruptions.
  void save(const std::string& prefix, TensorMap& state) const;
  void load(const std::string& prefix, const TensorMap& state);

 private:
  at::Tensor used_;  // Bool [K]
  int64_t batches_ = 0;
  double entropy_sum_ = 0, spread_sum_ = 0;
};

}  // namespace submask
