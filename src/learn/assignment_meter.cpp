#include "learn/assignment_meter.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "mask/update_state.h"
#include "parallel/communicator.h"

namespace submask {

AssignmentMeter::AssignmentMeter(int64_t prototypes, const at::Device& device)
    : used_(at::zeros({prototypes}, at::TensorOptions(at::kBool).device(device))) {}

void AssignmentMeter::start_epoch() {
  used_.zero_();
  batches_ = 0;
  entropy_sum_ = spread_sum_ = 0;
}

void AssignmentMeter::add(const at::Tensor& assignments, const at::Tensor& own_projections) {
  const at::NoGradGuard no_grad;
  const Communicator& processes = communicator();
  const at::Tensor projections = processes.all_gather_rows(own_projections);
  const at::Tensor negative_entropies =
      processes.all_gather_rows((assignments * assignments.clamp_min(1e-30).log()).sum(1));
  const auto width = static_cast<double>(projections.size(1));
  used_.index_fill_(0, processes.all_gather_rows(assignments.argmax(1)), true);
  entropy_sum_ -= negative_entropies.mean().item<double>();
  spread_sum_ += projections.var(0, /*unbiased=*/false).mean().mul(width).sqrt().item<double>();
  ++batches_;
}

SelfSupervisedProgress AssignmentMeter::progress() const {
  const auto batches = static_cast<double>(std::max<int64_t>(batches_, 1));
  SelfSupervisedProgress progress;
  progress.uniform_loss = std::log(static_cast<double>(used_.numel()));
  progress.assignment_entropy = entropy_sum_ / batches;
  progress.prototypes_in_use = used_.to(at::kDouble).mean().item<double>();
  progress.spread = spread_sum_ / batches;
  return progress;
}

void AssignmentMeter::save(const std::string& prefix, TensorMap& state) const {
  state[prefix + "used"] = used_;
  state[prefix + "sums"] =
      at::tensor({static_cast<double>(batches_), entropy_sum_, spread_sum_}, at::kDouble);
}

void AssignmentMeter::load(const std::string& prefix, const TensorMap& state) {
  at::Tensor sums = at::zeros({3}, at::kDouble);
  load_state(state, prefix + "used", used_);
  load_state(state, prefix + "sums", sums);
  batches_ = static_cast<int64_t>(sums[0].item<double>());
  entropy_sum_ = sums[1].item<double>();
  spread_sum_ = sums[2].item<double>();
}

}  // namespace submask
