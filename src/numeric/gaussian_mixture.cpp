#include "numeric/gaussian_mixture.h"

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace submask {
namespace {

// cov = L L^T, so cov^-1 = P P^T with P = L^-T.
at::Tensor precision_factor(const at::Tensor& covariance) {
  const at::Tensor lower = at::linalg_cholesky(covariance);
  const at::Tensor identity = at::eye(covariance.size(0), at::kDouble);
  return at::linalg_solve_triangular(lower, identity, /*upper=*/false).t().contiguous();
}

GaussianMixture maximise(const at::Tensor& rows, const at::Tensor& responsibilities,
                         double regularisation) {
  constexpr double never_zero = 10 * std::numeric_limits<double>::epsilon();
  const at::Tensor counts = responsibilities.sum(0) + never_zero;
  GaussianMixture mixture;
  mixture.weights = counts / counts.sum();
  mixture.means = at::mm(responsibilities.t(), rows) / counts.unsqueeze(1);
  std::vector<at::Tensor> factors;
  for (int64_t k = 0; k < counts.size(0); ++k) {
    const at::Tensor centred = rows - mixture.means[k];
    const at::Tensor weighted = centred * responsibilities.select(1, k).unsqueeze(1);
    at::Tensor covariance = at::mm(weighted.t(), centred) / counts[k];
    covariance.diagonal().add_(regularisation);
    factors.push_back(precision_factor(covariance));
  }
  mixture.precision_factors = at::stack(factors);
  return mixture;
}

}  // namespace

at::Tensor joint_log_likelihood(const GaussianMixture& mixture, const at::Tensor& rows) {
  const auto width = static_cast<double>(rows.size(1));
  std::vector<at::Tensor> columns;
  for (int64_t k = 0; k < mixture.weights.size(0); ++k) {
    const at::Tensor& factor = mixture.precision_factors[k];
    const at::Tensor distances = at::mm(rows - mixture.means[k], factor).square().sum(1);
    const at::Tensor constant = factor.diagonal().log().sum() + mixture.weights[k].log() -
                                width / 2 * std::log(2 * std::numbers::pi);
    columns.push_back(constant - distances / 2);
  }
  return at::stack(columns, 1);
}

GaussianMixture fit_gaussian_mixture(const at::Tensor& rows, const at::Tensor& labels,
                                     int64_t count, const MixtureOptions& options) {
  const at::NoGradGuard no_grad;
  GaussianMixture mixture =
      maximise(rows, at::one_hot(labels, count).to(at::kDouble), options.regularisation);
  double before = -std::numeric_limits<double>::infinity();
  for (int64_t i = 0; i < options.max_iterations; ++i) {
    const at::Tensor joint = joint_log_likelihood(mixture, rows);
    const at::Tensor likelihood = joint.logsumexp(1, /*keepdim=*/true);
    mixture = maximise(rows, (joint - likelihood).exp(), options.regularisation);
    const auto now = likelihood.mean().item<double>();
    if (std::abs(now - before) < options.tolerance) break;
    before = now;
  }
  return mixture;
}

}  // namespace submask
