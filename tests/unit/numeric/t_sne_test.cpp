#include "numeric/t_sne.h"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <ATen/ATen.h>

#include <submask/error.h>

#include "error_of.h"
#include "evaluate/seeded_problem.h"
#include "numeric/unit_length.h"
#include "report/chart/feature_map.h"

namespace submask {
namespace {

nlohmann::json t_sne_cases() {
  std::ifstream file(std::string(SUBMASK_TEST_DATA) + "/golden/numeric/t_sne.json");
  return nlohmann::json::parse(file).at("cases");
}

Features problem_of(const nlohmann::json& golden) {
  return seeded_problem(golden["seed"], golden["count"], golden["width"], golden["classes"]);
}

TEST(TSne, ProbabilitiesEqualScikitLearns) {
  for (const auto& golden : t_sne_cases()) {
    const at::Tensor rows = unit_length(problem_of(golden).values);
    const at::Tensor joint = neighbour_probabilities(rows, golden["perplexity"]);
    EXPECT_NEAR(joint.sum().item<double>(), 1, 1e-12);
    EXPECT_TRUE(joint.equal(joint.t()));
    // Its bisection stops at 1e-5 of the entropy, and its features of length one are not rounded.
    const at::Tensor expected = golden_tensor(golden["joint_of_first"], {joint.size(0)});
    EXPECT_LT(largest_difference(joint[0], expected), 1e-6);
  }
}

TEST(TSne, GradientIsThatOfTheDivergence) {
  const at::Tensor joint = neighbour_probabilities(seeded_problem(33, 25, 6, 3).values, 5);
  at::Tensor points = seeded_problem(34, 25, 2, 3).values.to(at::kDouble);
  const at::Tensor gradient = t_sne_gradient(joint, points);
  constexpr double step = 1e-6;
  for (const auto& [row, column] : {std::pair{0, 0}, {0, 1}, {7, 0}, {24, 1}}) {
    at::Tensor up = points.clone(), down = points.clone();
    up[row][column] += step;
    down[row][column] -= step;
    const double slope = (t_sne_divergence(joint, up) - t_sne_divergence(joint, down)) / (2 * step);
    EXPECT_NEAR(gradient[row][column].item<double>(), slope, 1e-7);
  }
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return (values[values.size() / 2] + values[(values.size() - 1) / 2]) / 2;
}

// A start's last digits decide which map a descent comes to, and divergences lie up to a third
// apart: the medians of sixteen starts, which a thousandth tells apart, are compared.
TEST(TSne, ComesAsNearAsScikitLearns) {
  for (const auto& golden : t_sne_cases()) {
    const at::Tensor features = problem_of(golden).values;
    const at::Tensor joint = neighbour_probabilities(unit_length(features), golden["perplexity"]);
    at::Tensor start = map_features(features, {.by = "pca", .progress = {}});
    start = start * (1e-4 / start.select(1, 0).std(false).item<double>());
    const auto theirs = golden["divergences"].get<std::vector<double>>();
    std::vector<double> ours;
    for (uint64_t disturbed = 0; disturbed < theirs.size(); ++disturbed) {
      Random random({disturbed, 4});
      at::Tensor noise = at::empty(start.sizes(), at::kDouble);
      for (int64_t i = 0; i < noise.numel(); ++i) noise.data_ptr<double>()[i] = random.uniform();
      ours.push_back(t_sne_divergence(joint, t_sne(joint, start * (1 + 1e-3 * noise), 1000, {})));
    }
    EXPECT_NEAR(median(ours), median(theirs), 0.1 * median(theirs));
  }
}

TEST(FeatureMap, OfTheSameFeaturesIsTheSame) {
  const at::Tensor features = seeded_problem(38, 60, 8, 3).values;
  EXPECT_TRUE(map_features(features, {}).equal(map_features(features, {})));
}

TEST(FeatureMap, ByPcaKeepsTheLargestVariance) {
  const at::Tensor features = seeded_problem(35, 40, 7, 3).values;
  const at::Tensor points = map_features(features, {.by = "pca", .progress = {}});
  const at::Tensor rows = unit_length(features).to(at::kDouble);
  const at::Tensor singular = at::linalg_svdvals(rows - rows.mean(0));
  EXPECT_NEAR(points.select(1, 0).norm().item<double>(), singular[0].item<double>(), 1e-5);
  EXPECT_NEAR(points.select(1, 1).norm().item<double>(), singular[1].item<double>(), 1e-5);
}

TEST(FeatureMap, RefusesWhatHasNoMap) {
  const at::Tensor features = seeded_problem(36, 10, 3, 2).values;
  const auto refused = [](const at::Tensor& rows, const FeatureMapOptions& options = {}) {
    return error_of(ErrorKind::invalid_argument, [&] { map_features(rows, options); });
  };
  EXPECT_EQ(refused(features.narrow(0, 0, 4)), "expected at least 5 features, got 4");
  EXPECT_EQ(refused(at::ones({10, 3})), "expected features that differ, got equal ones");
  EXPECT_EQ(refused(features / 0), "expected finite features, got NaN or infinity in row 0");
  EXPECT_EQ(refused(features, {.by = "umap", .progress = {}}),
            "expected a map by tsne or pca, got umap");
  EXPECT_EQ(refused(features, {.perplexity = 0, .progress = {}}),
            "expected a perplexity and iterations of at least 1, got 0 and 1000");
}

TEST(FeatureMap, TenRowsAreEnough) {
  const at::Tensor points = map_features(seeded_problem(37, 10, 3, 2).values, {});
  EXPECT_TRUE(at::isfinite(points).all().item<bool>());
}

}  // namespace
}  // namespace submask
