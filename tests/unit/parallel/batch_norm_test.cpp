#include "parallel/batch_norm.h"

#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include "parallel/thread_processes.h"

namespace submask {
namespace {

// Ranks have different shares of one batch.
const std::vector<int64_t> rows_of_ranks = {3, 1, 4};

struct Case {
  at::Tensor x, weight, bias, mean, var, upstream;
};

Case make_case(at::IntArrayRef tail) {
  std::vector<int64_t> shape = {8, 5};
  shape.insert(shape.end(), tail.begin(), tail.end());
  at::manual_seed(3);
  const auto doubles = at::TensorOptions(at::kDouble);
  // A mean far from 0 shows a variance that cancels digits.
  return {at::randn(shape, doubles) + 1000, at::rand({5}, doubles) + .5, at::randn({5}, doubles),
          at::randn({5}, doubles),          at::rand({5}, doubles) + 1,  at::randn(shape, doubles)};
}

void expect_close(const at::Tensor& a, const at::Tensor& b, double tolerance = 1e-9) {
  EXPECT_LT((a - b).abs().max().item<double>(), tolerance);
}

void compare_with_the_whole_batch(at::IntArrayRef tail) {
  const Case whole = make_case(tail);
  at::Tensor x = whole.x.clone().requires_grad_(true),
             weight = whole.weight.clone().requires_grad_(true),
             bias = whole.bias.clone().requires_grad_(true);
  const at::Tensor mean = whole.mean.clone(), var = whole.var.clone();
  const at::Tensor y = at::batch_norm(x, weight, bias, mean, var, true, .1, 1e-5, false);
  (y * whole.upstream).sum().backward();

  std::mutex mutex;
  at::Tensor weight_gradient = at::zeros_like(weight), bias_gradient = at::zeros_like(bias);
  run_processes(3, [&](int rank) {
    int64_t begin = 0;
    for (int before = 0; before < rank; ++before) begin += rows_of_ranks[before];
    const int64_t rows = rows_of_ranks[rank];
    at::Tensor own_x = whole.x.narrow(0, begin, rows).clone().requires_grad_(true),
               own_weight = whole.weight.clone().requires_grad_(true),
               own_bias = whole.bias.clone().requires_grad_(true);
    const at::Tensor own_mean = whole.mean.clone(), own_var = whole.var.clone();
    const SyncBatchNorm sync(true);
    const at::Tensor own_y =
        batch_norm(own_x, {own_weight, own_bias, own_mean, own_var}, true, .1, 1e-5);
    (own_y * whole.upstream.narrow(0, begin, rows)).sum().backward();
    const std::lock_guard lock(mutex);
    expect_close(own_y, y.narrow(0, begin, rows));
    expect_close(own_x.grad(), x.grad().narrow(0, begin, rows));
    expect_close(own_mean, mean);
    expect_close(own_var, var);
    weight_gradient += own_weight.grad();
    bias_gradient += own_bias.grad();
  });
  expect_close(weight_gradient, weight.grad());
  expect_close(bias_gradient, bias.grad());
}

TEST(BatchNorm, OfSeveralProcessesIsThatOfTheWholeBatch) {
  compare_with_the_whole_batch({3, 2});
  compare_with_the_whole_batch({});
}

TEST(BatchNorm, KeepsToItsOwnImagesUnlessAsked) {
  run_processes(2, [](int rank) {
    const at::Tensor x = at::randn({4, 3}, at::kDouble) + rank;
    const BatchNormTensors norm = {at::ones({3}, at::kDouble), at::zeros({3}, at::kDouble), {}, {}};
    expect_close(batch_norm(x, norm, true, 0, 1e-5).mean(0), at::zeros({3}, at::kDouble));
  });
}

}  // namespace
}  // namespace submask
