// A mixture of Gaussians with full covariances, fitted by expectation and maximisation in float64,
// with scikit-learn's formulas and stopping rule.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace submask {

struct GaussianMixture {
  at::Tensor weights;            // float64 [K], sum 1
  at::Tensor means;              // float64 [K, d]
  at::Tensor precision_factors;  // float64 [K, d, d], upper triangular P: covariance^-1 = P P^T
};

struct MixtureOptions {
  double tolerance = 1e-3;  // change of the mean log-likelihood at which it stops
  int64_t max_iterations = 100;
  double regularisation = 1e-6;  // added to the covariances' diagonals
};

// Starts from the components that the rows (float64 [N, d]) of each label (int64 [N], 0 ...
// count-1) make. `count` components, whether all have rows or not.
GaussianMixture fit_gaussian_mixture(const at::Tensor& rows, const at::Tensor& labels,
                                     int64_t count, const MixtureOptions& options = {});

// log(weight_k N(x | k)) of rows [N, d]: [N, K]. Its softmax are the responsibilities.
at::Tensor joint_log_likelihood(const GaussianMixture& mixture, const at::Tensor& rows);

}  // namespace submask
