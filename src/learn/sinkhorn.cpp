#include "learn/sinkhorn.h"

#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "parallel/communicator.h"

namespace submask {

namespace {

// log(sum(exp(x))) of each column over the rows of all processes: [1, K].
at::Tensor log_sum_of_columns(const at::Tensor& log_q) {
  const at::Tensor own = log_q.logsumexp(0, /*keepdim=*/true);
  return communicator().is_alone() ? own : communicator().all_gather(own).logsumexp(0);
}

}  // namespace

at::Tensor sinkhorn(const at::Tensor& scores, double epsilon, int64_t iterations) {
  const at::NoGradGuard no_grad;
  const double log_samples = std::log(communicator().sum(static_cast<double>(scores.size(0))));
  const double log_prototypes = std::log(static_cast<double>(scores.size(1)));
  at::Tensor log_q = scores / epsilon;
  for (int64_t i = 0; i < iterations; ++i) {
    log_q = log_q - log_sum_of_columns(log_q) - log_prototypes;
    log_q = log_q - log_q.logsumexp(1, /*keepdim=*/true) - log_samples;
  }
  return (log_q + log_samples).exp_();
}

}  // namespace submask
