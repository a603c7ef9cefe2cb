#include "numeric/t_sne.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>

namespace submask {
namespace {

constexpr double exaggeration = 12;
constexpr int64_t exaggerated_iterations = 250;

at::Tensor squared_distances(const at::Tensor& rows) {
  const at::Tensor squares = rows.square().sum(1);
  const at::Tensor distances =
      squares.unsqueeze(1) + squares.unsqueeze(0) - 2 * at::mm(rows, rows.t());
  return distances.clamp_min_(0).fill_diagonal_(0);
}

// Squared distances become 1 / (1 + |y_i - y_j|^2), and 0 where i is j.
at::Tensor& make_kernel(at::Tensor& distances) {
  return distances.add_(1).reciprocal_().fill_diagonal_(0);
}

// 4 sum_j (p_ij - q_ij) (y_i - y_j) / (1 + |y_i - y_j|^2). Keeps its matrices from one call to the
// next, because allocating them takes longer than filling them.
class Gradient {
 public:
  explicit Gradient(const at::Tensor& probabilities)
      : probabilities_(probabilities),
        kernel_(at::empty_like(probabilities)),
        pull_(at::empty_like(probabilities)) {}

  // P is multiplied by `exaggeration`.
  at::Tensor at(const at::Tensor& points, double exaggeration) {
    const at::Tensor squares = points.square().sum(1);
    at::mm_out(kernel_, points, points.t());
    kernel_.mul_(-2).add_(squares.unsqueeze(1)).add_(squares.unsqueeze(0)).clamp_min_(0);
    make_kernel(kernel_);
    at::mul_out(pull_, kernel_, at::scalar_tensor(-1 / kernel_.sum().item<double>(), at::kDouble));
    pull_.add_(probabilities_, exaggeration).mul_(kernel_);
    return 4 * (pull_.sum(1, /*keepdim=*/true) * points - at::mm(pull_, points));
  }

 private:
  const at::Tensor& probabilities_;
  at::Tensor kernel_, pull_;
};

}  // namespace

// Bisects the precision of all rows at once. While an interval has no upper end, the precision
// doubles.
at::Tensor neighbour_probabilities(const at::Tensor& rows, double perplexity) {
  constexpr int steps = 100;
  const at::Tensor distances = squared_distances(rows.to(at::kDouble));
  const int64_t count = distances.size(0);
  at::Tensor low = at::zeros({count, 1}, at::kDouble), high = at::full_like(low, INFINITY);
  at::Tensor precision = at::ones_like(low), conditional;
  for (int step = 0; step < steps; ++step) {
    conditional = at::exp(-distances * precision).fill_diagonal_(0);
    const at::Tensor sum = conditional.sum(1, /*keepdim=*/true).clamp_min_(1e-300);
    conditional.div_(sum);
    const at::Tensor entropy =
        at::log(sum) + precision * (distances * conditional).sum(1, /*keepdim=*/true);
    const at::Tensor too_flat = entropy > std::log(perplexity);
    low = at::where(too_flat, precision, low);
    high = at::where(too_flat, high, precision);
    precision = at::where(high.isinf(), precision * 2, (low + high) / 2);
  }
  return (conditional + conditional.t()) / (2.0 * static_cast<double>(count));
}

double t_sne_divergence(const at::Tensor& probabilities, const at::Tensor& points) {
  constexpr double smallest = 1e-12;
  at::Tensor kernel = squared_distances(points);
  make_kernel(kernel);
  const at::Tensor q = (kernel / kernel.sum()).clamp_min(smallest);
  return (probabilities * at::log(probabilities.clamp_min(smallest) / q)).sum().item<double>();
}

at::Tensor t_sne_gradient(const at::Tensor& probabilities, const at::Tensor& points) {
  return Gradient(probabilities).at(points, /*exaggeration=*/1);
}

at::Tensor t_sne(const at::Tensor& probabilities, const at::Tensor& start, int64_t iterations,
                 const std::function<void(int64_t, int64_t)>& progress) {
  const double rate = std::max(static_cast<double>(start.size(0)) / exaggeration / 4, 50.0);
  Gradient gradient_of(probabilities);
  at::Tensor points = start.clone(), step = at::zeros_like(points), gains = at::ones_like(points);
  for (int64_t i = 0; i < iterations; ++i) {
    const bool early = i < exaggerated_iterations;
    if (i == exaggerated_iterations) {
      step.zero_();
      gains.fill_(1);
    }
    const at::Tensor gradient = gradient_of.at(points, early ? exaggeration : 1);
    gains = at::where(step * gradient < 0, gains + 0.2, gains * 0.8).clamp_min_(0.01);
    step.mul_(early ? 0.5 : 0.8).sub_(gains * gradient, rate);
    points.add_(step);
    if (progress) progress(i + 1, iterations);
  }
  return points - points.mean(0);
}

}  // namespace submask
