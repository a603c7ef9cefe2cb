#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/fail.h"
#include "base/file.h"
#include "mask/criterion.h"
#include "mask/straight_through.h"
#include "two_layers.h"

namespace submask {
namespace {

TEST(Lora, EqualsAutogradOverFiftySteps) {
  const TwoLayers problem;
  const UpdateSettings update = momentum_and_decay();
  const auto lora = make_lora(problem.rows(), {.lora_rank = 2, .lora_alpha = 3}, update, 1);
  const TensorMap start = lora->content().values;
  std::vector<at::Tensor> a, b;
  for (size_t i = 0; i < 2; ++i) {
    a.push_back(start.at(text("unit", i, ".a")).clone().requires_grad_(true));
    b.push_back(start.at(text("unit", i, ".b")).clone().requires_grad_(true));
    EXPECT_GT(a[i].abs().max().item<double>(), 0);
    EXPECT_EQ(b[i].abs().max().item<double>(), 0);
  }
  std::vector<PlainSgd> plain(4, {update.momentum, update.weight_decay, false, {}});
  for (int step = 0; step < 50; ++step) {
    problem.step(*lora);
    std::vector<at::Tensor> w;
    for (size_t i = 0; i < 2; ++i) w.push_back(problem.theta[i] + b[i].mm(a[i]) * (3.0 / 2));
    problem.loss(w).backward();
    for (size_t i = 0; i < 2; ++i) {
      plain[i].step(a[i], 0.1);
      plain[2 + i].step(b[i], 0.1);
      const at::Tensor expected = problem.theta[i] + b[i].mm(a[i]) * (3.0 / 2);
      ASSERT_LE((problem.weights[i] - expected).abs().max().item<double>(), 1e-12) << step;
    }
  }
  EXPECT_GT((problem.weights[0] - problem.theta[0]).abs().max().item<double>(), 0.1);
}

// PEFT adapts a convolution by one to `rank` channels and a 1 x 1 convolution after it.
TEST(Lora, OfAConvolutionIsAChainOfTwo) {
  torch::manual_seed(2);
  const at::Tensor theta = torch::randn({6, 4, 3, 3}, torch::kDouble);
  const at::Tensor weight = theta.clone().requires_grad_(true);
  const at::Tensor image = torch::randn({2, 4, 8, 8}, torch::kDouble);
  const auto lora = make_lora({{"conv", weight, theta, 0, 6}}, {.lora_rank = 3}, {}, 1);
  for (int step = 0; step < 3; ++step) {
    at::conv2d(image, weight).square().mean().backward();
    lora->step(0.1);
  }
  const TensorMap values = lora->content().values;
  const at::Tensor chain = at::conv2d(at::conv2d(image, values.at("conv.a").view({3, 4, 3, 3})),
                                      values.at("conv.b").view({6, 3, 1, 1}));
  const at::Tensor change = at::conv2d(image, weight - theta);
  EXPECT_GT(change.abs().max().item<double>(), 1e-3);
  EXPECT_TRUE(at::allclose(chain, change, 1e-10, 1e-12));
}

at::Tensor matrix(const nlohmann::json& rows) {
  const auto height = static_cast<int64_t>(rows.size());
  std::vector<double> values;
  for (const auto& row : rows)
    for (const double value : row) values.push_back(value);
  return at::tensor(values, at::kDouble).view({height, -1});
}

// tests/reference/make_lora.py
TEST(Lora, EqualsPeft) {
  const auto golden =
      nlohmann::json::parse(read_text_file(SUBMASK_TEST_DATA "/golden/adapter/lora_peft.json"));
  const at::Tensor theta = matrix(golden.at("theta")), input = matrix(golden.at("input")),
                   target = matrix(golden.at("target"));
  const at::Tensor weight = theta.clone().requires_grad_(true);
  UpdateSettings update;
  update.momentum = golden.at("momentum");
  const auto lora =
      make_lora({{"layer", weight, theta, 0, theta.size(0)}},
                {.lora_rank = golden.at("rank"), .lora_alpha = golden.at("alpha")}, update, 1);
  TensorMap state;
  lora->save("", state);
  state["layer.a"] = matrix(golden.at("a"));
  lora->load("", state);
  for (const auto& expected : golden.at("weights")) {
    (at::linear(input, weight) - target).square().mean().backward();
    lora->step(golden.at("rate"));
    ASSERT_LE((weight - matrix(expected)).abs().max().item<double>(), 1e-12);
  }
  EXPECT_GT((weight - theta).abs().max().item<double>(), 0.01);
}

}  // namespace
}  // namespace submask
