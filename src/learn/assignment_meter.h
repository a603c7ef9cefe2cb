// Measures over an epoch how well a run without labels learns (SelfSupervisedProgress).
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

  // Adds one batch, this process's share of it: assignments [M, K], whose rows sum to 1, and
  // projections [M, F], of length 1. The numbers are then of the whole batch.
  void add(const at::Tensor& assignments, const at::Tensor& own_projections);

  SelfSupervisedProgress progress() const;

  // The sums are in checkpoints, so that an epoch reports the same numbers after an interruption.
  void save(const std::string& prefix, TensorMap& state) const;
  void load(const std::string& prefix, const TensorMap& state);

 private:
  at::Tensor used_;  // Bool [K]: whether a prototype was the best one for some crop
  int64_t batches_ = 0;
  double entropy_sum_ = 0, spread_sum_ = 0;
};

}  // namespace submask
