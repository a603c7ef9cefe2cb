#include "learn/swav.h"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <ATen/ATen.h>

#include <submask/error.h>

#include "error_of.h"
#include "float64_replay.h"
#include "learn/sinkhorn.h"
#include "mask/optimizer.h"

namespace submask {
namespace {

using Json = nlohmann::json;

constexpr int64_t first_kind = 2;

SwavSettings settings_of(const Json& reference) {
  SwavSettings settings;
  settings.hidden_mlp = reference["hidden"];
  settings.feat_dim = 4;
  settings.nmb_prototypes = 7;
  settings.epsilon = reference["epsilon"];
  settings.queue_length = reference["queue_length"];
  return settings;
}

void replay(const Json& reference) {
  SCOPED_TRACE(reference["name"].get<std::string>());
  Random random({5, 7});
  Swav swav(settings_of(reference), width, crops, first_kind, random, at::kDouble);
  UpdateSettings update;
  update.momentum = 0.9;
  update.weight_decay = 1e-3;
  DenseOptimizer projection(swav.projection_parameters(), update);
  DenseOptimizer prototypes({swav.prototypes()}, update);
  for (size_t step = 0; step < reference["steps"].size(); ++step) {
    const Json& expected = reference["steps"][step];
    const at::Tensor features =
        uniform_values(Random({11, step}), {crops * images, width}, 0.3).requires_grad_(true);
    const SwavLoss loss = swav.loss(features, step >= reference["queue_from"].get<size_t>());
    ASSERT_NEAR(loss.loss.item<double>(), expected["loss"].get<double>(), 1e-9) << step;
    loss.loss.backward();
    projection.step(0.3);
    if (step < reference["frozen"].get<size_t>())
      swav.prototypes().mutable_grad().reset();
    else
      prototypes.step(0.3);
    if (!expected.contains("queue")) continue;
    expect_near(loss.assignments, expected["assignments"], "assignments", step);
    expect_near(features.grad(), expected["gradient"], "gradient", step);
    expect_near(swav.prototypes(), expected["prototypes"], "prototypes", step);
    if (swav.queue().defined()) expect_near(swav.queue(), expected["queue"], "queue", step);
  }
}

TEST(Swav, EqualsTheFormulasInFloat64OverTwentySteps) {
  std::ifstream lines(SUBMASK_TEST_DATA "/golden/learn/swav.json");
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));  // versions
  int cases = 0;
  for (; std::getline(lines, line); ++cases) replay(Json::parse(line));
  EXPECT_EQ(cases, 3);
}

TEST(Sinkhorn, SharesOutEvenlyWhateverTheEpsilon) {
  for (const auto& [samples, prototypes] :
       {std::pair<int64_t, int64_t>{8, 3}, {3, 20}, {64, 500}}) {
    for (const double epsilon : {0.05, 1e-3, 1e-5}) {
      const at::Tensor scores = at::cos(at::arange(samples * prototypes).to(at::kFloat) * 1.7F)
                                    .view({samples, prototypes});
      const at::Tensor q = sinkhorn(scores, epsilon, 3);
      EXPECT_TRUE(q.isfinite().all().item<bool>()) << epsilon;
      EXPECT_LT((q.sum(1) - 1).abs().max().item<double>(), 1e-3) << epsilon;
    }
  }
  // Identical samples: all prototypes alike, however different their scores.
  const at::Tensor same = at::linspace(0, 1, 10, at::kFloat).repeat({6, 1});
  EXPECT_LT((sinkhorn(same, 0.05, 3) - 0.1).abs().max().item<double>(), 1e-5);
}

TEST(Swav, RefusesSettingsThatDoNotFit) {
  const auto refused = [](auto change, int64_t all_crops = crops) {
    SwavSettings settings;
    change(settings);
    Random random({1});
    return error_of(ErrorKind::invalid_argument,
                    [&] { Swav(settings, width, all_crops, first_kind, random, at::kFloat); });
  };
  using S = SwavSettings;
  EXPECT_EQ(refused([](S& s) { s.nmb_prototypes = 1; }),
            "expected a number of prototypes of at least 2, got 1");
  EXPECT_EQ(refused([](S& s) { s.feat_dim = 0; }), "expected a feat_dim of at least 1, got 0");
  EXPECT_EQ(refused([](S& s) { s.epsilon = 0; }), "expected an epsilon above 0, got 0");
  EXPECT_EQ(refused([](S& s) { s.temperature = std::nan(""); }),
            "expected a temperature above 0, got nan");
  const std::string assigning =
      "expected --crops-for-assign among the 2 crops of the first kind, from 0, each once, got ";
  EXPECT_EQ(refused([](S& s) { s.crops_for_assign = {}; }), assigning + "[]");
  EXPECT_EQ(refused([](S& s) { s.crops_for_assign = {0, 2}; }), assigning + "[0, 2]");
  EXPECT_EQ(refused([](S& s) { s.crops_for_assign = {1, 1}; }), assigning + "[1, 1]");
  EXPECT_EQ(refused([](S&) {}, 1),
            "expected two or more crops an image (--recipe paper-ssl), got 1");
}

}  // namespace
}  // namespace submask
