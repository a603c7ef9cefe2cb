#include <gtest/gtest.h>

#include "mask/optimizer.h"
#include "straight_through.h"

namespace submask {
namespace {

struct Case {
  const char* name;
  Criterion criterion;
  UpdateSettings update;
};

Criterion criterion_of(CriterionKind kind, bool scale, double mu = 0) {
  Criterion criterion;
  criterion.kind = kind;
  criterion.scale = scale;
  criterion.mu = mu;
  criterion.keep_share = 0.7;
  return criterion;
}

UpdateSettings sgd(double momentum, double weight_decay = 0, bool nesterov = false) {
  UpdateSettings update;
  update.momentum = momentum;
  update.weight_decay = weight_decay;
  update.nesterov = nesterov;
  return update;
}

// Two layers and a loss in float64; batch and weights from a fixed seed.
struct Problem {
  Problem() {
    torch::manual_seed(5);
    input = torch::randn({16, 9}, torch::kDouble);
    target = torch::randn({16, 3}, torch::kDouble);
    theta = {torch::randn({7, 9}, torch::kDouble), torch::randn({3, 7}, torch::kDouble)};
  }
  at::Tensor loss(const at::Tensor& w1, const at::Tensor& w2) const {
    return (at::linear(at::tanh(at::linear(input, w1)), w2) - target).pow(2).mean();
  }
  at::Tensor input, target;
  std::vector<at::Tensor> theta;
};

struct Learner {
  Learner(const Problem& problem, const Criterion& criterion, const UpdateSettings& update,
          double start, const ScorePull& pull = {}) {
    std::vector<MaskedTensor> tensors;
    for (size_t i = 0; i < problem.theta.size(); ++i) {
      weights.push_back(problem.theta[i].clone().requires_grad_(true));
      tensors.push_back(
          {{"unit" + std::to_string(i), weights[i], problem.theta[i], 0, problem.theta[i].size(0)},
           at::full_like(problem.theta[i], start)});
    }
    optimizer = std::make_unique<MaskOptimizer>(std::move(tensors), criterion, update, pull);
  }
  void step(const Problem& problem, double rate) {
    problem.loss(weights[0], weights[1]).backward();
    optimizer->step(rate);
  }
  std::vector<at::Tensor> weights;
  std::unique_ptr<MaskOptimizer> optimizer;
};

class AgainstAutograd : public testing::TestWithParam<Case> {};

TEST_P(AgainstAutograd, ScoresAndMasksAreEqualOverFiftySteps) {
  const auto& [name, criterion, update] = GetParam();
  const Problem problem;
  Learner ours(problem, criterion, update, 1.0);
  std::vector<at::Tensor> scores;
  std::vector<PlainSgd> plain(2, {update.momentum, update.weight_decay, update.nesterov, {}});
  for (const at::Tensor& theta : problem.theta)
    scores.push_back(at::full_like(theta, 1.0).requires_grad_(true));
  int64_t off = 0;
  for (int step = 0; step < 50; ++step) {
    ours.step(problem, 0.3);
    problem
        .loss(masked_weight(criterion, problem.theta[0], scores[0]),
              masked_weight(criterion, problem.theta[1], scores[1]))
        .backward();
    for (size_t i = 0; i < 2; ++i) plain[i].step(scores[i], 0.3);
    for (size_t i = 0; i < 2; ++i) {
      const at::Tensor mask = criterion_mask(criterion, scores[i].detach());
      ASSERT_LE((ours.optimizer->score(i) - scores[i]).abs().max().item<double>(), 1e-12)
          << "step " << step;
      ASSERT_TRUE(at::equal(ours.optimizer->mask(i), mask)) << "step " << step;
      off += mask.logical_not().sum().item<int64_t>();
    }
  }
  EXPECT_GT(off, 0) << "a test in which nothing is ever masked shows nothing";
}

INSTANTIATE_TEST_SUITE_P(
    MaskOptimizer, AgainstAutograd,
    testing::Values(
        Case{"Threshold", criterion_of(CriterionKind::threshold, true), sgd(0.9)},
        Case{"ThresholdUnscaled", criterion_of(CriterionKind::threshold, false), sgd(0.9)},
        Case{"ThresholdNoMomentum", criterion_of(CriterionKind::threshold, true), sgd(0)},
        Case{"ThresholdDecay", criterion_of(CriterionKind::threshold, true, 0.5), sgd(0.9, 0.01)},
        Case{"ThresholdNesterov", criterion_of(CriterionKind::threshold, true),
             sgd(0.9, 0.01, true)},
        Case{"Topk", criterion_of(CriterionKind::topk, true), sgd(0.9)},
        Case{"TopkUnscaled", criterion_of(CriterionKind::topk, false), sgd(0.9, 0.01)},
        Case{"Flip", criterion_of(CriterionKind::flip, false), sgd(0.9)},
        Case{"FlipDecay", criterion_of(CriterionKind::flip, true), sgd(0.9, 0.05)}),
    [](const auto& info) { return info.param.name; });

// RECIPES, invariance 1: adding a to the start and to mu changes no mask.
TEST(MaskOptimizer, ShiftingStartAndThresholdChangesNoMask) {
  const Problem problem;
  Learner plain(problem, criterion_of(CriterionKind::threshold, true, 0), sgd(0.9), 1.0);
  Learner shifted(problem, criterion_of(CriterionKind::threshold, true, 0.5), sgd(0.9), 1.5);
  for (int step = 0; step < 50; ++step) {
    plain.step(problem, 0.3);
    shifted.step(problem, 0.3);
    for (size_t i = 0; i < 2; ++i)
      ASSERT_TRUE(at::equal(plain.optimizer->mask(i), shifted.optimizer->mask(i)));
  }
  EXPECT_GT(plain.optimizer->masked_fraction(), 0);
}

// RECIPES, invariance 2: (rate, start, mu) = (.3, 1, 0) equals (.6, 2.5, .5): twice the distance,
// twice the rate.
TEST(MaskOptimizer, ScalingStartThresholdAndRateChangesNoMask) {
  const Problem problem;
  Learner plain(problem, criterion_of(CriterionKind::threshold, true, 0), sgd(0.9), 1.0);
  Learner scaled(problem, criterion_of(CriterionKind::threshold, true, 0.5), sgd(0.9), 2.5);
  for (int step = 0; step < 50; ++step) {
    plain.step(problem, 0.3);
    scaled.step(problem, 0.6);
    for (size_t i = 0; i < 2; ++i)
      ASSERT_TRUE(at::equal(plain.optimizer->mask(i), scaled.optimizer->mask(i)));
  }
  EXPECT_GT(plain.optimizer->masked_fraction(), 0);
}

TEST(MaskOptimizer, APullKeepsBothInvariances) {
  const Problem problem;
  const auto learner = [&](double rate, double start, double mu, double height) {
    UpdateSettings update = sgd(0.9);
    update.rate = rate;
    return Learner(problem, criterion_of(CriterionKind::threshold, true, mu), update, start,
                   {height * (start - mu), start});
  };
  Learner free = learner(0.3, 1, 0, 0), plain = learner(0.3, 1, 0, 0.02),
          shifted = learner(0.3, 1.5, 0.5, 0.02), scaled = learner(0.6, 2.5, 0.5, 0.02);
  for (int step = 0; step < 50; ++step) {
    const double share = step % 2 == 0 ? 1 : 0.5;  // of the full rate
    free.step(problem, 0.3 * share);
    plain.step(problem, 0.3 * share);
    shifted.step(problem, 0.3 * share);
    scaled.step(problem, 0.6 * share);
    for (size_t i = 0; i < 2; ++i) {
      ASSERT_TRUE(at::equal(plain.optimizer->mask(i), shifted.optimizer->mask(i))) << step;
      ASSERT_TRUE(at::equal(plain.optimizer->mask(i), scaled.optimizer->mask(i))) << step;
    }
  }
  EXPECT_GT(plain.optimizer->masked_fraction(), 0);
  EXPECT_LT(plain.optimizer->masked_fraction(), free.optimizer->masked_fraction());
}

TEST(MaskOptimizer, LeavesThetaAlone) {
  const Problem problem;
  const at::Tensor before = problem.theta[0].clone();
  Learner learner(problem, criterion_of(CriterionKind::threshold, true), sgd(0.9), 1.0);
  for (int step = 0; step < 10; ++step) learner.step(problem, 0.3);
  EXPECT_TRUE(at::equal(problem.theta[0], before));
}

// The rule of submask/mask.h, step by step.
TEST(MaskOptimizer, UnitRatesAreOverTheSizeOfGradients) {
  const Problem problem;
  const Criterion criterion = criterion_of(CriterionKind::threshold, true);
  Learner ours(problem, criterion, sgd(0.9), 1.0);
  ours.optimizer->use_unit_rates();
  std::array<at::Tensor, 2> scores, velocities;
  std::array<double, 2> sizes{};
  for (size_t i = 0; i < 2; ++i) {
    scores[i] = at::full_like(problem.theta[i], 1.0);
    velocities[i] = at::zeros_like(scores[i]);
  }
  for (int step = 0; step < 30; ++step) {
    problem.loss(ours.weights[0], ours.weights[1]).backward();
    for (size_t i = 0; i < 2; ++i) {
      const at::Tensor gradient = ours.weights[i].grad(), &theta = problem.theta[i];
      const at::Tensor mask = criterion_mask(criterion, scores[i]);
      const double c = mask_scale(criterion, mask.sum().item<int64_t>(), mask.numel());
      const double size = (c * theta * gradient).square().mean().sqrt().item<double>();
      sizes[i] = step == 0 ? size : .99 * sizes[i] + .01 * size;
      velocities[i] = .9 * velocities[i] + score_gradient(criterion, theta, gradient, mask, c);
      scores[i] = scores[i] - .03 / sizes[i] * velocities[i];
    }
    ours.optimizer->step(0.03);
    for (size_t i = 0; i < 2; ++i)
      ASSERT_LE((ours.optimizer->score(i) - scores[i]).abs().max().item<double>(), 1e-9)
          << "step " << step;
  }
  EXPECT_GT(ours.optimizer->masked_fraction(), 0);
}

TEST(MaskOptimizer, ResumesFromItsSavedState) {
  const Problem problem;
  for (const UpdateRule rule : {UpdateRule::sgd, UpdateRule::adam}) {
    UpdateSettings update = sgd(0.9);
    update.rule = rule;
    update.rate = 0.1;
    const ScorePull pull{0.05, 0.5};
    Learner straight(problem, Criterion{}, update, 0.5, pull),
        stopped(problem, Criterion{}, update, 0.5, pull);
    const at::Tensor prices = torch::rand({3, 7}) * 2;
    Learner resumed(problem, Criterion{}, update, 0.5, pull);
    straight.optimizer->set_prices(1, prices);
    stopped.optimizer->set_prices(1, prices);
    if (rule == UpdateRule::sgd)
      for (Learner* each : {&straight, &stopped, &resumed}) each->optimizer->use_unit_rates();
    for (int step = 0; step < 5; ++step) {
      straight.step(problem, 0.1);
      stopped.step(problem, 0.1);
    }
    TensorMap state;
    stopped.optimizer->save("x.", state);
    for (auto& [name, tensor] : state) tensor = tensor.clone();
    resumed.optimizer->load("x.", state);
    for (int step = 0; step < 5; ++step) {
      straight.step(problem, 0.1);
      resumed.step(problem, 0.1);
    }
    EXPECT_TRUE(at::equal(straight.optimizer->score(1), resumed.optimizer->score(1)))
        << static_cast<int>(rule);
    EXPECT_TRUE(at::equal(straight.weights[0], resumed.weights[0])) << static_cast<int>(rule);
  }
}

TEST(MaskOptimizer, UnitsMayBeRowsOfOneParameter) {
  torch::manual_seed(7);
  const at::Tensor theta = torch::randn({6, 5});
  at::Tensor whole = theta.clone().requires_grad_(true), split = theta.clone().requires_grad_(true);
  const auto unit = [&](const char* name, const at::Tensor& parameter, int64_t begin, int64_t end) {
    const at::Tensor rows = theta.narrow(0, begin, end - begin);
    return MaskedTensor{{name, parameter, rows, begin, end}, at::full_like(rows, 0.1)};
  };
  Criterion unscaled = criterion_of(CriterionKind::threshold, false);
  MaskOptimizer one({unit("all", whole, 0, 6)}, unscaled, sgd(0.9));
  MaskOptimizer two({unit("q", split, 0, 2), unit("kv", split, 2, 6)}, unscaled, sgd(0.9));
  const at::Tensor input = torch::randn({4, 5});
  for (int step = 0; step < 5; ++step) {
    at::linear(input, whole).pow(2).sum().backward();
    at::linear(input, split).pow(2).sum().backward();
    one.step(0.01);
    two.step(0.01);
  }
  EXPECT_TRUE(at::equal(whole, split));
  EXPECT_GT(one.masked_fraction(), 0);
}

// The usual combination is fused; its four parts apart give the same.
TEST(MaskOptimizer, FusedEqualsItsParts) {
  torch::manual_seed(3);
  for (const CriterionKind kind :
       {CriterionKind::threshold, CriterionKind::topk, CriterionKind::flip}) {
    const at::Tensor theta = torch::randn({33, 17, 3, 3});
    at::Tensor a = theta.clone().requires_grad_(true), b = theta.clone().requires_grad_(true);
    const Criterion criterion = criterion_of(kind, true);
    UpdateSettings update = sgd(0.9, 0.001);
    update.rate = 0.05;
    const ScorePull pull{0.002, 0.5};
    MaskOptimizer fused({{{"a", a, theta, 0, 33}, at::full_like(theta, 0.5)}}, criterion, update,
                        pull);
    MaskOptimizer parts({{{"b", b, theta, 0, 33}, at::full_like(theta, 0.5)}}, criterion, update,
                        pull);
    parts.disable_fused_kernels();
    for (int step = 0; step < 10; ++step) {
      if (step == 8)
        for (MaskOptimizer* each : {&fused, &parts}) each->use_unit_rates();
      if (step == 5) {  // from now on each weight has a price of its own
        const at::Tensor prices = torch::rand_like(theta) * 2;
        fused.set_prices(0, prices);
        parts.set_prices(0, prices);
      }
      const at::Tensor gradient = torch::randn_like(theta);
      a.mutable_grad() = gradient;
      b.mutable_grad() = gradient;
      fused.step(0.05);
      parts.step(0.05);
      ASSERT_LE((fused.score(0) - parts.score(0)).abs().max().item<float>(), 2e-5)
          << "step " << step;
    }
    EXPECT_GT(fused.masked_fraction(), 0.05);
    EXPECT_NEAR(fused.masked_fraction(), parts.masked_fraction(), 0.002);
  }
}

TEST(MaskOptimizer, KeepsOneWeightOn) {
  const at::Tensor theta = torch::ones({4, 4});
  at::Tensor weight = theta.clone().requires_grad_(true);
  // Without the scale every score falls.
  MaskOptimizer optimizer({{{"unit", weight, theta, 0, 4}, at::full_like(theta, 0.1)}},
                          criterion_of(CriterionKind::threshold, false), sgd(0));
  weight.mutable_grad() = torch::arange(1, 17, torch::kFloat).view({4, 4});
  optimizer.step(1000);
  EXPECT_EQ(optimizer.mask(0).sum().item<int64_t>(), 1);
}

}  // namespace
}  // namespace submask
