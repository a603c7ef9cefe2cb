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

// A mixture of `count` components for rows float64 [N, d]. It starts from labels int64 [N] (0 ...
// count-1): each component from the rows of its label, which may be none.
GaussianMixture fit_gaussian_mixture(const at::Tensor& rows, const at::Tensor& labels,
                                     int64_t count, const MixtureOptions& options = {});

// log(weight_k N(x | k)) for rows [N, d]: [N, K]. Its softmax gives the responsibilities.
at::Tensor joint_log_likelihood(const GaussianMixture& mixture, const at::Tensor& rows);

}  // namespace submask
