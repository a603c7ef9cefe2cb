#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/evaluate.h>

#include "error_of.h"
#include "seeded_problem.h"

namespace submask {
namespace {

TEST(LinearProbe, EqualsScikitLearn) {
  for (const auto& golden : golden_cases("linear_probe.json")) {
    const int64_t width = golden["width"], classes = golden["classes"];
    const Features train = seeded_problem(golden["seed"], golden["count"], width, classes);
    const LinearProbe probe = fit_linear_probe(train, classes, {golden["l2"], 2000, 1e-11});
    EXPECT_LT(largest_difference(probe.weight, golden_tensor(golden["weight"], {classes, width})),
              1e-4);
    EXPECT_LT(largest_difference(probe.bias, golden_tensor(golden["bias"], {classes})), 1e-4);
  }
}

// The gradient by plain autograd ops, at the optimum: zero; and the loss it reports.
TEST(LinearProbe, IsAStationaryPointOfTheDocumentedObjective) {
  const Features train = seeded_problem(31, 200, 6, 4);
  const double l2 = 3e-3;
  const LinearProbe probe = fit_linear_probe(train, 4, {l2, 1000, 1e-9});
  EXPECT_LE(probe.gradient_norm, 1e-9);
  const at::Tensor weight = probe.weight.to(at::kDouble).requires_grad_();
  const at::Tensor bias = probe.bias.to(at::kDouble).requires_grad_();
  const at::Tensor logits = at::linear(train.values.to(at::kDouble), weight, bias);
  const at::Tensor loss =
      at::cross_entropy_loss(logits, train.labels) + l2 / 2 * weight.square().sum();
  loss.backward();
  EXPECT_NEAR(loss.item<double>(), probe.loss, 1e-9);
  EXPECT_LT(weight.grad().abs().max().item<double>(), 1e-5);
  EXPECT_LT(bias.grad().abs().max().item<double>(), 1e-5);
}

TEST(LinearProbe, UsesTheRecipesL2ByDefault) {
  const Features train = seeded_problem(32, 100, 4, 3);
  const LinearProbe by_default = fit_linear_probe(train, 3, {});
  const LinearProbe named = fit_linear_probe(train, 3, {0.01 / 100});
  EXPECT_TRUE(at::equal(by_default.weight, named.weight));
}

TEST(LinearProbe, NeverPredictsAClassWithoutSamples) {
  Features train = seeded_problem(33, 120, 4, 3);
  const LinearProbe dense = fit_linear_probe(train, 3, {1e-2});
  train.labels = train.labels * 2 + 1;  // classes 1, 3 and 5 of 7
  const LinearProbe sparse = fit_linear_probe(train, 7, {1e-2});
  const at::Tensor kept = at::tensor({1, 3, 5}, at::kLong);
  EXPECT_TRUE(at::equal(sparse.weight.index_select(0, kept), dense.weight));
  EXPECT_TRUE(at::equal(sparse.bias.index_select(0, kept), dense.bias));
  const at::Tensor predicted =
      at::linear(train.values * 1000, sparse.weight, sparse.bias).argmax(1);
  EXPECT_TRUE(((predicted == 1) | (predicted == 3) | (predicted == 5)).all().item<bool>());
}

TEST(LinearProbe, FitsOneClassConstantFeaturesAndMoreFeaturesThanSamples) {
  Features one = seeded_problem(34, 10, 3, 1);
  EXPECT_EQ(fit_linear_probe(one, 1, {}).loss, 0);
  Features constant = seeded_problem(35, 30, 4, 3);
  constant.values = at::ones_like(constant.values);
  const LinearProbe shares = fit_linear_probe(constant, 3, {});
  const at::Tensor counts = at::bincount(constant.labels, {}, 3).to(at::kDouble) / 30;
  const at::Tensor predicted = at::linear(constant.values[0], shares.weight, shares.bias);
  EXPECT_LT(largest_difference(predicted.softmax(0), counts), 1e-5);
  const Features wide = seeded_problem(36, 20, 200, 4);
  const LinearProbe probe = fit_linear_probe(wide, 4, {});
  EXPECT_LE(probe.gradient_norm, 1e-6);
  const at::Tensor fitted = at::linear(wide.values, probe.weight, probe.bias).argmax(1);
  EXPECT_TRUE(at::equal(fitted, wide.labels));
}

TEST(LinearProbe, RejectsWhatItCannotFit) {
  Features train = seeded_problem(37, 20, 4, 3);
  const auto refused = [](const Features& train, int64_t classes,
                          const LinearProbeOptions& options = {}) {
    return error_of(ErrorKind::invalid_argument,
                    [&] { fit_linear_probe(train, classes, options); });
  };
  EXPECT_EQ(refused(train, 2), "expected training labels in 0 ... 1, got 2");
  EXPECT_EQ(refused(train, 3, {std::nan("")}), "expected an l2 of 0 or more, got nan");
  EXPECT_EQ(refused({train.values.narrow(0, 0, 0), train.labels.narrow(0, 0, 0), {}}, 3),
            "expected at least one training sample, got none");
  EXPECT_EQ(refused({train.values, train.labels.narrow(0, 0, 5), {}}, 3),
            "expected training labels as Long [20], got Long [5]");
  train.values[7][1] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(refused(train, 3), "expected finite training features, got NaN or infinity in row 7");
}

}  // namespace
}  // namespace submask
