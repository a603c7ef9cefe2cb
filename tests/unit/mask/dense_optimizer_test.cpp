#include <gtest/gtest.h>

#include <ATen/ATen.h>
#include <torch/optim/adam.h>
#include <torch/optim/sgd.h>

#include <submask/error.h>

#include "error_of.h"
#include "mask/optimizer.h"

namespace submask {
namespace {

using Tensors = std::vector<at::Tensor>;

// The float64 matrix is moved through ATen, the float32 one by a kernel, over several of its
// blocks, where the rule is sgd.
Tensors make_parameters() {
  return {at::linspace(-1, 1, 12, at::kDouble).view({3, 4}).clone().requires_grad_(true),
          at::linspace(-2, 1, 40'000, at::kFloat).clone().requires_grad_(true)};
}

// A gradient that differs from step to step.
void set_gradients(const Tensors& parameters, int step) {
  for (const at::Tensor& parameter : parameters)
    parameter.mutable_grad() = at::sin(parameter.detach() * 3 + step) * 0.1;
}

void expect_same(const Tensors& got, const Tensors& expected, double tolerance) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    EXPECT_LE((got[i] - expected[i]).abs().max().item<double>(), tolerance) << i;
}

void expect_steps_of(torch::optim::Optimizer& theirs, const Tensors& their_parameters,
                     const UpdateSettings& settings, double rate) {
  const Tensors ours = make_parameters();
  DenseOptimizer optimizer(ours, settings);
  for (int step = 0; step < 5; ++step) {
    set_gradients(ours, step);
    set_gradients(their_parameters, step);
    optimizer.step(rate);
    theirs.step();
    for (const at::Tensor& parameter : ours) EXPECT_FALSE(parameter.grad().defined());
    expect_same(ours, their_parameters, 1e-6);
  }
}

TEST(DenseOptimizer, MovesAsTorchsSgd) {
  for (const bool nesterov : {false, true}) {
    const Tensors theirs = make_parameters();
    torch::optim::SGD sgd(
        theirs, torch::optim::SGDOptions(0.3).momentum(0.8).weight_decay(0.05).nesterov(nesterov));
    UpdateSettings settings;
    settings.momentum = 0.8;
    settings.weight_decay = 0.05;
    settings.nesterov = nesterov;
    expect_steps_of(sgd, theirs, settings, 0.3);
  }
}

TEST(DenseOptimizer, MovesAsTorchsAdam) {
  const Tensors theirs = make_parameters();
  torch::optim::Adam adam(
      theirs, torch::optim::AdamOptions(0.02).betas({0.7, 0.95}).eps(1e-3).weight_decay(0.05));
  UpdateSettings settings;
  settings.rule = UpdateRule::adam;
  settings.beta1 = 0.7;
  settings.beta2 = 0.95;
  settings.epsilon = 1e-3;
  settings.weight_decay = 0.05;
  expect_steps_of(adam, theirs, settings, 0.02);
}

TEST(DenseOptimizer, LeavesAParameterWithoutGradient) {
  const Tensors ours = make_parameters(), before = make_parameters();
  DenseOptimizer optimizer(ours, UpdateSettings());
  set_gradients({ours[0]}, 1);
  optimizer.step(1);
  EXPECT_TRUE(ours[1].equal(before[1]));
  EXPECT_FALSE(ours[0].equal(before[0]));
}

TEST(DenseOptimizer, GoesOnFromWhatItSaved) {
  for (const UpdateRule rule : {UpdateRule::sgd, UpdateRule::adam}) {
    UpdateSettings settings;
    settings.rule = rule;
    const Tensors ours = make_parameters(), resumed = make_parameters();
    DenseOptimizer optimizer(ours, settings), other(resumed, settings);
    for (int step = 0; step < 3; ++step) {
      set_gradients(ours, step);
      optimizer.step(0.1);
    }
    TensorMap state;
    optimizer.save("head.", state);
    other.load("head.", state);
    expect_same(resumed, ours, 0);
    for (int step = 3; step < 6; ++step) {
      for (const Tensors* parameters : {&ours, &resumed}) set_gradients(*parameters, step);
      optimizer.step(0.1);
      other.step(0.1);
    }
    expect_same(resumed, ours, 0);
    state.erase(state.begin());
    EXPECT_NE(error_of(ErrorKind::corrupt_file, [&] { other.load("head.", state); }), "");
  }
}

}  // namespace
}  // namespace submask
