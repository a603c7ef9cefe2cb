// Against scipy (tests/reference/make_analysis_statistics.py).
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "numeric/average_linkage.h"
#include "numeric/moments.h"
#include "numeric/rank_correlation.h"

namespace submask {
namespace {

nlohmann::json reference_statistics(const char* kind) {
  std::ifstream file(SUBMASK_TEST_DATA "/golden/numeric/analysis_statistics.json");
  return nlohmann::json::parse(file).at(kind);
}

TEST(RankCorrelation, IsScipys) {
  for (const auto& each : reference_statistics("spearman")) {
    const auto found = rank_correlation(each["x"], each["y"]);
    EXPECT_EQ(found.n, std::ssize(each["x"]));
    EXPECT_NEAR(found.rho, each["rho"].get<double>(), 1e-12);
    if (found.n < 4) continue;
    EXPECT_LT(found.low, found.rho);
    EXPECT_GT(found.high, found.rho);
  }
}

// rho = .5 of n = 28 values: z = .5493, standard error sqrt(1.125 / 25) = .2121.
TEST(RankCorrelation, HasTheIntervalOfBonettAndWright) {
  std::vector<double> x, y;
  for (int i = 0; i < 28; ++i) x.push_back(i);
  for (int i = 0; i < 28; ++i) y.push_back((i * 11) % 28);
  const auto found = rank_correlation(x, y);
  const double z = std::atanh(found.rho),
               error = std::sqrt((1 + found.rho * found.rho / 2) / 25) * 1.959963984540054;
  EXPECT_NEAR(found.low, std::tanh(z - error), 1e-12);
  EXPECT_NEAR(found.high, std::tanh(z + error), 1e-12);
}

TEST(RankCorrelation, IsNoneOfEqualOrFewValues) {
  EXPECT_TRUE(std::isnan(rank_correlation({1, 1, 1, 1}, {1, 2, 3, 4}).rho));
  EXPECT_TRUE(std::isnan(rank_correlation({1, 2}, {1, 2}).rho));
  const auto whole = rank_correlation({1, 2, 3, 4}, {2, 3, 5, 8});
  EXPECT_EQ(whole.rho, 1);
  EXPECT_TRUE(std::isnan(whole.low));
}

TEST(Moments, LeaveOutWhatIsNoNumber) {
  const Moments found = moments({1, std::nan(""), 3});
  EXPECT_EQ(found.n, 2);
  EXPECT_EQ(found.mean, 2);
  EXPECT_NEAR(found.deviation, std::sqrt(2), 1e-12);
  EXPECT_TRUE(std::isnan(moments({}).mean));
}

TEST(AverageLinkage, IsScipys) {
  for (const auto& each : reference_statistics("linkage")) {
    const auto merges = average_linkage(each["distances"].get<SquareMatrix>());
    ASSERT_EQ(merges.size(), each["merges"].size());
    for (size_t i = 0; i < merges.size(); ++i) {
      const auto& wanted = each["merges"][i];
      EXPECT_EQ(static_cast<double>(merges[i].a), wanted[0].get<double>()) << i;
      EXPECT_EQ(static_cast<double>(merges[i].b), wanted[1].get<double>()) << i;
      EXPECT_NEAR(merges[i].height, wanted[2].get<double>(), 1e-12);
      EXPECT_EQ(static_cast<double>(merges[i].items), wanted[3].get<double>());
    }
    EXPECT_EQ(leaf_order(merges), each["leaves"].get<std::vector<size_t>>());
  }
}

}  // namespace
}  // namespace submask
