// k-means and the Gaussian mixture against scikit-learn, from equal starts.
#include <gtest/gtest.h>
#include <set>

#include "cascade/cascade_golden.h"
#include "evaluate/seeded_problem.h"
#include "numeric/gaussian_mixture.h"
#include "numeric/k_means.h"

namespace submask {
namespace {

TEST(GaussianMixture, EqualsScikitLearn) {
  for (const auto& golden : cascade_cases("gaussian_mixture.json")) {
    const int64_t count = golden["count"], width = golden["width"], k = golden["components"];
    const Features problem = seeded_problem(golden["seed"], count, width, k);
    const at::Tensor rows = problem.values.to(at::kDouble);
    const GaussianMixture mixture = fit_gaussian_mixture(rows, problem.labels, k);
    const at::Tensor responsibilities = joint_log_likelihood(mixture, rows).softmax(1);
    EXPECT_LT(
        largest_difference(responsibilities, golden_values(golden["responsibilities"], {count, k})),
        1e-6);
    EXPECT_LT(largest_difference(mixture.weights, golden_values(golden["weights"], {k})), 1e-6);
    EXPECT_LT(largest_difference(mixture.means, golden_values(golden["means"], {k, width})), 1e-6);
    EXPECT_LT(largest_difference(mixture.precision_factors,
                                 golden_values(golden["precision_factors"], {k, width, width})),
              1e-6);
  }
}

TEST(GaussianMixture, StandsComponentsWithoutRowsAndRowsThatAreAllOne) {
  const at::Tensor rows = at::ones({6, 2}, at::kDouble);
  const GaussianMixture mixture = fit_gaussian_mixture(rows, at::zeros({6}, at::kLong), 3);
  const at::Tensor joint = joint_log_likelihood(mixture, rows);
  EXPECT_TRUE(at::isfinite(mixture.precision_factors).all().item<bool>());
  EXPECT_TRUE(at::isfinite(joint).all().item<bool>());
  EXPECT_TRUE(at::equal(joint.argmax(1), at::zeros({6}, at::kLong)));
}

TEST(KMeans, EqualsScikitLearn) {
  for (const auto& golden : cascade_cases("k_means.json")) {
    const int64_t count = golden["count"], width = golden["width"], k = golden["clusters"];
    const at::Tensor rows = seeded_problem(golden["seed"], count, width, k).values.to(at::kDouble);
    const at::Tensor centres = lloyd_iterations(rows, rows.narrow(0, 0, k));
    EXPECT_LT(largest_difference(centres, golden_values(golden["centres"], {k, width})), 1e-6);
    EXPECT_TRUE(at::equal(nearest_centre(rows, centres),
                          at::tensor(golden["labels"].get<std::vector<int64_t>>(), at::kLong)));
  }
}

TEST(KMeans, SeedsAreDifferentRows) {
  const at::Tensor rows = seeded_problem(7, 30, 2, 3).values.to(at::kDouble);
  Random one({1}), again({1}), other({2});
  const at::Tensor seeds = seed_centres(rows, 4, one);
  EXPECT_TRUE(at::equal(seeds, seed_centres(rows, 4, again)));
  EXPECT_FALSE(at::equal(seeds, seed_centres(rows, 4, other)));
  const at::Tensor own = nearest_centre(seeds, seeds);
  EXPECT_TRUE(at::equal(own, at::arange(4)));
}

// Far from those there are: three tight groups are never seeded twice by three seeds.
TEST(KMeans, SeedsFarFromEachOther) {
  const at::Tensor noise = seeded_problem(8, 60, 2, 2).values.to(at::kDouble) * 1e-6;
  const at::Tensor group = at::arange(60).remainder(3);
  const at::Tensor rows = noise + group.to(at::kDouble).unsqueeze(1) * 100;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Random random({seed});
    const at::Tensor seeds = seed_centres(rows, 3, random).select(1, 0).div(100).round();
    EXPECT_EQ(seeds.sum().item<double>(), 3) << "seed " << seed;
    EXPECT_EQ(seeds.max().item<double>(), 2) << "seed " << seed;
  }
}

TEST(KMeans, HasNoMoreSeedsThanDifferentRows) {
  const at::Tensor rows = at::tensor({1.0, 1.0, 2.0, 2.0}, at::kDouble).unsqueeze(1);
  Random random({1});
  EXPECT_EQ(seed_centres(rows, 3, random).size(0), 2);
}

TEST(KMeans, ACentreThatLosesItsRowsStays) {
  const at::Tensor rows = at::tensor({0.0, 1.0, 2.0}, at::kDouble).unsqueeze(1);
  const at::Tensor start = at::tensor({1.0, 50.0}, at::kDouble).unsqueeze(1);
  EXPECT_TRUE(at::equal(lloyd_iterations(rows, start), start));
}

}  // namespace
}  // namespace submask
