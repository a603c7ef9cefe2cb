#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <vector>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/evaluate.h>

#include "error_of.h"
#include "seeded_problem.h"

namespace submask {
namespace {

using testing::HasSubstr;

// The definition, in float64 with a full sort.
at::Tensor brute_force(const Features& bank, const at::Tensor& queries, int64_t classes,
                       const KnnOptions& options) {
  const auto unit = [](const at::Tensor& rows) {
    const at::Tensor wide = rows.to(at::kDouble);
    return wide / wide.norm(2, {1}, true);
  };
  const at::Tensor similarities = unit(queries).mm(unit(bank.values).t());
  const auto [values, indices] = similarities.sort(/*stable=*/true, 1, /*descending=*/true);
  const at::Tensor votes = (values.narrow(1, 0, options.k) / options.temperature).exp();
  const at::Tensor labels = bank.labels.index({indices.narrow(1, 0, options.k)});
  at::Tensor scores = at::zeros({queries.size(0), classes}, at::kDouble);
  scores.scatter_add_(1, labels, votes);
  return scores / scores.sum(1, true);
}

TEST(Knn, EqualsScikitLearn) {
  for (const auto& golden : golden_cases("knn.json")) {
    const int64_t count = golden["count"], queries = golden["queries"], classes = golden["classes"];
    const Features all = seeded_problem(golden["seed"], count + queries, golden["width"], classes);
    const Features bank{all.values.narrow(0, 0, count), all.labels.narrow(0, 0, count), {}};
    const at::Tensor scores = knn_scores(bank, all.values.narrow(0, count, queries), classes,
                                         {golden["k"], golden["temperature"]});
    EXPECT_LT(largest_difference(scores, golden_tensor(golden["scores"], {queries, classes})),
              2e-5);
  }
}

// Sizes that end in the middle of a tile and of a block.
TEST(Knn, EqualsBruteForceAcrossTiles) {
  const Features bank = seeded_problem(21, 9001, 5, 4);
  const at::Tensor queries = seeded_problem(22, 2050, 5, 4).values;
  const KnnOptions options{50, 0.1};
  const at::Tensor ours = knn_scores(bank, queries, 4, options);
  const at::Tensor off = (ours - brute_force(bank, queries, 4, options)).abs();
  // Two neighbours whose similarities are the same float32 may change places at rank k: a vote
  // in 50.
  EXPECT_LT(off.max().item<double>(), 2.5 / 50);
  EXPECT_LT(off.mean().item<double>(), 1e-4);
}

TEST(Knn, TakesTheWholeBankWhereKIsLarger) {
  const Features bank = seeded_problem(23, 30, 4, 3);
  const at::Tensor queries = seeded_problem(24, 5, 4, 3).values;
  const at::Tensor all = knn_scores(bank, queries, 3, {30, 0.1});
  EXPECT_TRUE(at::equal(knn_scores(bank, queries, 3, {200, 0.1}), all));
}

TEST(Knn, GivesTiesToTheLowerBankIndex) {
  const at::Tensor row = at::tensor({3.0F, 4.0F}).unsqueeze(0);
  const Features bank{row.repeat({6000, 1}), at::arange(6000, at::kLong), {}};
  const at::Tensor scores = knn_scores(bank, row, 6000, {7, 0.1});
  EXPECT_NEAR(scores.narrow(1, 0, 7).sum().item<double>(), 1.0, 1e-6);
}

// More queries and neighbours than one block's memory holds: the blocks give what each query alone
// gives.
TEST(Knn, DoesNotDependOnTheBlocksOfQueries) {
  const Features bank = seeded_problem(25, 2100, 3, 4);
  const at::Tensor queries = seeded_problem(26, 8000, 3, 4).values;
  const KnnOptions options{1100, 0.1};  // 36 kB a list
  const at::Tensor together = knn_scores(bank, queries, 4, options);
  for (const int64_t begin : {0, 4000, 7500})
    EXPECT_TRUE(at::allclose(knn_scores(bank, queries.narrow(0, begin, 500), 4, options),
                             together.narrow(0, begin, 500), 0, 1e-3));
}

// Equal features are at cosine 1, zeros at cosine 0 to everything: the first k vote.
TEST(Knn, GivesTheFirstOfConstantFeaturesTheVote) {
  for (const float value : {0.0F, 2.0F}) {
    const Features bank{at::full({50, 4}, value), at::arange(50, at::kLong), {}};
    const at::Tensor scores = knn_scores(bank, at::full({2, 4}, value), 50, {10, 0.1});
    EXPECT_TRUE(at::allclose(scores.narrow(1, 0, 10), at::full({2, 10}, 0.1F)));
    EXPECT_EQ(scores.narrow(1, 10, 40).abs().max().item<float>(), 0);
  }
}

TEST(Knn, SurvivesExtremeFeaturesAndTemperatures) {
  const Features bank{at::tensor({1e38F, 1e38F, 1e-38F, 0.0F, 0.0F, 0.0F}).reshape({3, 2}),
                      at::arange(3, at::kLong),
                      {}};
  const at::Tensor queries = at::tensor({2.0F, 0.0F, 3e38F, 3e38F}).reshape({2, 2});
  const at::Tensor scores = knn_scores(bank, queries, 3, {3, 1e-6});
  EXPECT_NEAR(scores[0][1].item<double>(), 1.0, 1e-6);
  EXPECT_NEAR(scores[1][0].item<double>(), 1.0, 1e-6);
}

TEST(Knn, KnowsThePresets) {
  EXPECT_EQ(knn_preset(KnnPreset::paper).k, 200);
  EXPECT_DOUBLE_EQ(knn_preset(KnnPreset::dino).temperature, 0.07);
}

TEST(Knn, RejectsBadOptionsAndShapes) {
  const Features bank = seeded_problem(27, 10, 4, 3);
  const at::Tensor queries = bank.values;
  const auto refused = [](const Features& bank, const at::Tensor& queries, int64_t classes,
                          const KnnOptions& options) {
    return error_of(ErrorKind::invalid_argument,
                    [&] { knn_scores(bank, queries, classes, options); });
  };
  EXPECT_EQ(refused(bank, queries, 3, {0, 0.1}), "expected k of at least 1, got 0");
  EXPECT_EQ(refused(bank, queries, 3, {5, 0.0}), "expected a temperature above 0, got 0");
  EXPECT_EQ(refused(bank, queries, 3, {5, std::nan("")}),
            "expected a temperature above 0, got nan");
  EXPECT_EQ(refused(bank, queries.narrow(1, 0, 3), 3, {5, 0.1}),
            "expected queries of the bank's width 4, got 3");
  EXPECT_EQ(refused(bank, queries, 1, {5, 0.1}), "expected bank labels in 0 ... 0, got 2");
  EXPECT_EQ(
      refused({queries.narrow(0, 0, 0), bank.labels.narrow(0, 0, 0), {}}, queries, 3, {5, 0.1}),
      "expected a bank of at least one feature, got none");
  EXPECT_EQ(knn_scores(bank, queries.narrow(0, 0, 0), 3, {5, 0.1}).sizes(),
            (std::vector<int64_t>{0, 3}));
}

TEST(Knn, NamesTheRowOfAFeatureThatIsNotFinite) {
  Features bank = seeded_problem(28, 5000, 4, 3);
  bank.values[4500][2] = std::numeric_limits<float>::quiet_NaN();
  try {
    knn_scores(bank, bank.values.narrow(0, 0, 5), 3, {5, 0.1});
    FAIL() << "NaN was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_THAT(error.what(), HasSubstr("bank features, got NaN or infinity in row 4500"));
  }
}

}  // namespace
}  // namespace submask
