#include "mask/criterion.h"

#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>

#include "base/names.h"
#include "mask/score_start.h"

namespace submask {
namespace {

TEST(Criterion, TopkTakesTheLowestIndexOfEqualScores) {
  Criterion criterion;
  criterion.kind = CriterionKind::topk;
  criterion.keep_share = 0.5;
  const at::Tensor score = at::tensor({1.0, 2.0, 1.0, 1.0, 0.0, 1.0});
  EXPECT_TRUE(at::equal(criterion_mask(criterion, score),
                        at::tensor(std::vector<int64_t>{1, 1, 1, 0, 0, 0}).to(at::kBool)));
}

TEST(Criterion, ThresholdIsStrict) {
  EXPECT_TRUE(at::equal(criterion_mask(Criterion{}, at::tensor({0.0, 1e-30, -1.0})),
                        at::tensor(std::vector<int64_t>{0, 1, 0}).to(at::kBool)));
}

TEST(Criterion, ScaleKeepsTheVariance) {
  at::manual_seed(1);
  const at::Tensor theta = at::randn({512, 512});
  Criterion criterion;
  const at::Tensor mask = at::rand({512, 512}) < 0.6;
  const double scale = mask_scale(criterion, mask.sum().item<int64_t>(), mask.numel());
  at::Tensor weight = at::empty_like(theta);
  materialise(criterion, theta, mask, scale, weight);
  EXPECT_NEAR(weight.pow(2).mean().item<double>(), 1.0, 0.02);
}

TEST(Criterion, ProgressiveEndsAtItsEnd) {
  Criterion criterion;
  criterion.kind = CriterionKind::topk;
  const CriterionSchedule schedule{1.0, 0.5};
  EXPECT_DOUBLE_EQ(scheduled_criterion(criterion, schedule, 0, 5).keep_share, 1.0);
  EXPECT_DOUBLE_EQ(scheduled_criterion(criterion, schedule, 4, 5).keep_share, 0.5);
  EXPECT_DOUBLE_EQ(scheduled_criterion(criterion, schedule, 0, 1).keep_share, 0.5);
  criterion.keep_share = 0.75;
  const Criterion same = scheduled_criterion(criterion, std::nullopt, 3, 5);
  EXPECT_EQ(same.kind, CriterionKind::topk);
  EXPECT_EQ(same.keep_share, 0.75);
}

TEST(ScoreStart, EveryKindIsSeededAndDistinct) {
  at::manual_seed(1);
  const at::Tensor theta = at::randn({64, 64});
  for (const ScoreStartKind kind : {ScoreStartKind::normal, ScoreStartKind::magnitude,
                                    ScoreStartKind::shuffled, ScoreStartKind::kaiming}) {
    const ScoreStart start{kind, 1.0, 0.01};
    const at::Tensor first = start_scores(start, theta, 3, 0);
    EXPECT_TRUE(at::equal(first, start_scores(start, theta, 3, 0))) << name_of(kind);
    EXPECT_FALSE(at::equal(first, start_scores(start, theta, 3, 1))) << name_of(kind);
    EXPECT_FALSE(at::equal(first, start_scores(start, theta, 4, 0))) << name_of(kind);
  }
  EXPECT_TRUE(at::equal(start_scores({ScoreStartKind::constant, 1.0, 0}, theta, 3, 0),
                        at::ones_like(theta)));
}

TEST(ScoreStart, MagnitudeFollowsThetaAndShuffledDoesNot) {
  at::manual_seed(2);
  const at::Tensor theta = at::randn({100, 100});
  const at::Tensor magnitude = start_scores({ScoreStartKind::magnitude, 0.0, 0.0}, theta, 3, 0);
  EXPECT_TRUE(at::allclose(magnitude, theta.abs()));
  const at::Tensor shuffled = start_scores({ScoreStartKind::shuffled, 0.0, 0.0}, theta, 3, 0);
  EXPECT_TRUE(
      at::equal(std::get<0>(shuffled.view({-1}).sort()), std::get<0>(magnitude.view({-1}).sort())));
  EXPECT_LT(at::corrcoef(at::stack({shuffled.view({-1}), magnitude.view({-1})}))[0][1]
                .abs()
                .item<double>(),
            0.05);
}

TEST(ScoreStart, KaimingHasItsBound) {
  const at::Tensor score =
      start_scores({ScoreStartKind::kaiming, 0, 0}, at::zeros({32, 16, 3, 3}), 1, 0);
  const double bound = 1 / std::sqrt(16 * 9.0);
  EXPECT_LE(score.abs().max().item<double>(), bound);
  EXPECT_GT(score.abs().max().item<double>(), 0.99 * bound);
}

TEST(MaskSelection, ProtectsWhatIsNotSelected) {
  at::manual_seed(3);
  const at::Tensor theta = at::randn({50, 20});
  at::Tensor score = at::ones_like(theta);
  MaskSelection selection;
  selection.largest_share = 0.25;
  protect_unselected(selection, theta, 1, 0, score);
  EXPECT_EQ(score.isinf().sum().item<int64_t>(), 750);
  EXPECT_GT(theta.abs().masked_select(score.isinf().logical_not()).min().item<float>(),
            theta.abs().masked_select(score.isinf()).max().item<float>());
  score = at::ones_like(theta);
  selection = {};
  selection.random_share = 0.1;
  protect_unselected(selection, theta, 1, 0, score);
  EXPECT_EQ(score.isinf().sum().item<int64_t>(), 900);
}

}  // namespace
}  // namespace submask
