#include "numeric/lbfgs.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

#include <ATen/ATen.h>

namespace submask {
namespace {

at::Tensor identity(const at::Tensor& gradient) { return gradient.clone(); }

Evaluation rosenbrock(const at::Tensor& point) {
  const double x = point[0].item<double>(), y = point[1].item<double>();
  const double a = 1 - x, b = y - x * x;
  return {a * a + 100 * b * b, at::tensor({-2 * a - 400 * x * b, 200 * b}, at::kDouble)};
}

TEST(Lbfgs, SolvesRosenbrock) {
  const auto result =
      minimise(rosenbrock, at::tensor({-1.2, 1.0}, at::kDouble), identity, {10, 200, 1e-9});
  EXPECT_NEAR(result.point[0].item<double>(), 1, 1e-8);
  EXPECT_NEAR(result.point[1].item<double>(), 1, 1e-8);
  EXPECT_LT(result.iterations, 60);
  EXPECT_LE(result.gradient_norm, 1e-9);
}

TEST(Lbfgs, TakesOneStepWithTheInverseHessian) {
  const at::Tensor curvatures = at::tensor({1e-4, 1.0, 1e4}, at::kDouble);
  const auto objective = [&](const at::Tensor& point) {
    const at::Tensor off = point - 3;
    return Evaluation{(curvatures * off * off).sum().item<double>() / 2, curvatures * off};
  };
  const auto result =
      minimise(objective, at::zeros({3}, at::kDouble),
               [&](const at::Tensor& gradient) { return gradient / curvatures; }, {10, 50, 1e-10});
  EXPECT_EQ(result.iterations, 1);
  EXPECT_NEAR(result.point.sub(3).abs().max().item<double>(), 0, 1e-9);
}

// log(1 + e^-x) + a little slope: a first step of one from far away is a thousand times too short.
TEST(Lbfgs, LengthensShortFirstSteps) {
  const auto objective = [](const at::Tensor& point) {
    const double x = point[0].item<double>() - 5000;
    return Evaluation{std::sqrt(1 + x * x), at::tensor({x / std::sqrt(1 + x * x)}, at::kDouble)};
  };
  const auto result = minimise(objective, at::zeros({1}, at::kDouble), identity, {10, 30, 1e-8});
  EXPECT_NEAR(result.point[0].item<double>(), 5000, 1e-6);
}

TEST(Lbfgs, StepsBackFromValuesThatAreNotFinite) {
  const auto objective = [](const at::Tensor& point) {
    const double x = point[0].item<double>();
    return Evaluation{x > 0 ? x - std::log(x) : std::nan(""), at::tensor({1 - 1 / x}, at::kDouble)};
  };
  const auto result =
      minimise(objective, at::tensor({30.0}, at::kDouble),
               [](const at::Tensor& gradient) { return gradient * 100; }, {10, 100, 1e-9});
  EXPECT_NEAR(result.point[0].item<double>(), 1, 1e-7);
}

TEST(Lbfgs, EndsAtTheIterationLimitWithTheGradientItHas) {
  const auto result =
      minimise(rosenbrock, at::tensor({-1.2, 1.0}, at::kDouble), identity, {10, 3, 1e-9});
  EXPECT_EQ(result.iterations, 3);
  EXPECT_GT(result.gradient_norm, 1e-3);
}

}  // namespace
}  // namespace submask
