// t-SNE (van der Maaten and Hinton 2008), exactly: time and memory grow with the square of the
// rows.
#pragma once

#include <cstdint>
#include <functional>

#include <ATen/core/Tensor.h>

namespace submask {

// Joint probabilities P float64 [N, N] of rows [N, D]: (p(j|i) + p(i|j)) / 2N. The Gaussian around
// each row has the width for which exp(entropy of p(.|i)) is the perplexity.
at::Tensor neighbour_probabilities(const at::Tensor& rows, double perplexity);

// KL(P || Q) for points [N, 2], where Q is Student's t with one degree of freedom; and its
// gradient.
double t_sne_divergence(const at::Tensor& probabilities, const at::Tensor& points);
at::Tensor t_sne_gradient(const at::Tensor& probabilities, const at::Tensor& points);

// Gradient descent from `start` [N, 2] with the gains, momentum, early exaggeration (12, for 250
// iterations) and rate max(N / 48, 50) that scikit-learn has by default. `progress` may be empty.
at::Tensor t_sne(const at::Tensor& probabilities, const at::Tensor& start, int64_t iterations,
                 const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace submask
