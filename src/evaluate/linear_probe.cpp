// Multinomial logistic regression: mean cross-entropy + (l2 / 2) |W|^2 over logits W x + b.
//
// The parameters are one matrix [K, D + 1] for the K classes that have training samples; its last
// column is the bias. Rows are converted to float64 block by block: the features take memory as
// float32 only, and a block is multiplied twice while it is in the cache.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <submask/evaluate.h>

#include "base/ceil_div.h"
#include "base/fail.h"
#include "numeric/feature_matrix.h"
#include "numeric/lbfgs.h"

namespace submask {
namespace {

constexpr float never_predicted = -1e30F;
constexpr int64_t block_values = 1 << 18;  // 2 MiB of float64, which stay in the cache
constexpr int64_t most_parts = 16;
constexpr int64_t small_parameters = 1 << 18;

struct Problem {
  at::Tensor features;  // float32 [n, D]
  at::Tensor labels;    // int64 [n], 0 ... K-1
  int64_t classes = 0;  // K
  double l2 = 0;

  int64_t count() const { return features.size(0); }
  int64_t width() const { return features.size(1); }
  int64_t block_rows() const {
    return std::max<int64_t>(64, block_values / std::max<int64_t>(1, width()));
  }
  // The number of parts that the rows are split into. It does not depend on the number of threads,
  // so that sums are always taken in the same order. Threads cannot share a narrow product well, so
  // each takes whole parts; a wide product is one part that all of them share.
  int64_t parts() const {
    const int64_t blocks = (count() + block_rows() - 1) / block_rows();
    return classes * width() <= small_parameters ? std::min(most_parts, blocks) : 1;
  }
};

// The sums over rows [begin, end) of the cross-entropy and its gradient.
Evaluation sum_rows(const Problem& problem, const at::Tensor& parameters, int64_t begin,
                    int64_t end) {
  const at::Tensor weight = parameters.narrow(1, 0, problem.width());
  const at::Tensor bias = parameters.select(1, problem.width());
  Evaluation sum{0, at::zeros_like(parameters)};
  at::Tensor weight_gradient = sum.gradient.narrow(1, 0, problem.width());
  at::Tensor bias_gradient = sum.gradient.select(1, problem.width());
  for (; begin < end; begin += problem.block_rows()) {
    const int64_t rows = std::min(problem.block_rows(), end - begin);
    const at::Tensor x = problem.features.narrow(0, begin, rows).to(at::kDouble);
    const at::Tensor target = problem.labels.narrow(0, begin, rows).unsqueeze(1);
    const at::Tensor log_share = at::log_softmax(at::addmm(bias, x, weight.t()), 1);
    sum.value -= log_share.gather(1, target).sum().item<double>();
    at::Tensor residual = log_share.exp();
    residual.scatter_add_(1, target, at::full({rows, 1}, -1.0, at::kDouble));
    weight_gradient.addmm_(residual.t(), x);
    bias_gradient.add_(residual.sum(0));
  }
  return sum;
}

Evaluation evaluate_loss(const Problem& problem, const at::Tensor& parameters) {
  const int64_t parts = problem.parts();
  const int64_t rows = ceil_div(problem.count(), parts);
  std::vector<Evaluation> sums(static_cast<size_t>(parts));
  at::parallel_for(0, parts, 1, [&](int64_t first, int64_t last) {
    for (int64_t part = first; part < last; ++part)
      sums[static_cast<size_t>(part)] =
          sum_rows(problem, parameters, part * rows, std::min((part + 1) * rows, problem.count()));
  });
  Evaluation result = sums.front();
  for (size_t part = 1; part < sums.size(); ++part) {
    result.value += sums[part].value;
    result.gradient.add_(sums[part].gradient);
  }
  const double n = static_cast<double>(problem.count());
  const at::Tensor weight = parameters.narrow(1, 0, problem.width());
  result.gradient.div_(n);
  result.gradient.narrow(1, 0, problem.width()).add_(weight, problem.l2);
  result.value = result.value / n + problem.l2 / 2 * weight.square().sum().item<double>();
  return result;
}

// The inverse of the Hessian at zero parameters, where every class has probability 1/K. For
// parameters whose columns sum to zero, the Hessian is (1/K) cov(x) + l2 for W, and 1/K for the
// bias of centred features. Mean and covariance of an evenly spread sample of rows are close
// enough.
Preconditioner inverse_hessian_at_zero(const Problem& problem) {
  const int64_t wanted = 8192 + 4 * problem.width();
  const int64_t stride = std::max<int64_t>(1, problem.count() / wanted);
  const at::Tensor sample = problem.features.slice(0, 0, problem.count(), stride).to(at::kDouble);
  const at::Tensor mean = sample.mean(0);
  const at::Tensor centred = sample - mean;
  const double share = 1.0 / static_cast<double>(problem.classes);
  at::Tensor hessian =
      at::mm(centred.t(), centred).mul_(share / static_cast<double>(sample.size(0)));
  const double typical = problem.width() > 0 ? hessian.diagonal().mean().item<double>() : 0;
  hessian.diagonal().add_(problem.l2 + std::max(1e-9 * typical, 1e-30));
  const at::Tensor factor = at::linalg_cholesky(hessian);
  return [=, width = problem.width()](const at::Tensor& gradient) {
    const at::Tensor bias_gradient = gradient.select(1, width);
    const at::Tensor centred_gradient =
        gradient.narrow(1, 0, width) - at::outer(bias_gradient, mean);
    const at::Tensor weight = at::cholesky_solve(centred_gradient.t(), factor).t();
    const at::Tensor bias = bias_gradient / share - at::mv(weight, mean);
    return at::cat({weight, bias.unsqueeze(1)}, 1);
  };
}

void check_options(const LinearProbeOptions& options) {
  if (options.l2 && !(std::isfinite(*options.l2) && *options.l2 >= 0))
    fail_argument("an l2 of 0 or more", *options.l2);
  if (options.max_iterations < 0)
    fail_argument("max_iterations of at least 0", options.max_iterations);
  if (!(options.tolerance >= 0)) fail_argument("a tolerance of at least 0", options.tolerance);
}

}  // namespace

LinearProbe fit_linear_probe(const Features& train, int64_t classes,
                             const LinearProbeOptions& options) {
  const at::NoGradGuard no_grad;
  check_options(options);
  Problem problem;
  problem.features = feature_matrix(train.values, "training features");
  if (problem.count() == 0) fail_argument("at least one training sample", "none");
  const at::Tensor labels = class_vector(train.labels, problem.count(), classes, "training labels");
  problem.l2 = options.l2.value_or(0.01 / static_cast<double>(problem.count()));

  // A class without samples has no finite optimum (its bias would sink for ever): it is left out of
  // the fit and given a bias that never wins.
  const at::Tensor present = at::bincount(labels, {}, classes).nonzero().squeeze(1);
  at::Tensor position = at::zeros({classes}, at::kLong);
  position.index_put_({present}, at::arange(present.numel(), at::kLong));
  problem.labels = position.index_select(0, labels);
  problem.classes = present.numel();

  const LbfgsResult optimum =
      minimise([&](const at::Tensor& parameters) { return evaluate_loss(problem, parameters); },
               at::zeros({problem.classes, problem.width() + 1}, at::kDouble),
               inverse_hessian_at_zero(problem), {10, options.max_iterations, options.tolerance});

  LinearProbe probe;
  probe.weight = at::zeros({classes, problem.width()}, at::kFloat);
  probe.bias = at::full({classes}, never_predicted, at::kFloat);
  const at::Tensor fitted = optimum.point.to(at::kFloat);
  probe.weight.index_copy_(0, present, fitted.narrow(1, 0, problem.width()));
  probe.bias.index_copy_(0, present, fitted.select(1, problem.width()));
  probe.iterations = optimum.iterations;
  probe.loss = optimum.value;
  probe.gradient_norm = optimum.gradient_norm;
  return probe;
}

}  // namespace submask
