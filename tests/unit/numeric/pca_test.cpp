#include "numeric/pca.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

#include <submask/error.h>

#include "cascade/cascade_golden.h"
#include "error_of.h"
#include "evaluate/seeded_problem.h"

namespace submask {
namespace {

TEST(Pca, EqualsScikitLearn) {
  for (const auto& golden : cascade_cases("pca.json")) {
    const int64_t count = golden["count"], width = golden["width"], kept = golden["kept"];
    const at::Tensor rows = seeded_problem(golden["seed"], count, width, 3).values;
    const Projection whitening = fit_pca(rows, kept, PcaScale::standard_deviation);
    const Projection unit = fit_pca(rows, kept, PcaScale::singular_value);
    EXPECT_LT(largest_difference(whitening.mean, golden_values(golden["mean"], {width})), 1e-6);
    EXPECT_LT(largest_difference(whitening.components,
                                 golden_values(golden["components"], {kept, width})),
              1e-6);
    EXPECT_LT(
        largest_difference(whitening.apply(rows), golden_values(golden["whitened"], {count, kept})),
        1e-6);
    EXPECT_LT(largest_difference(unit.apply(rows),
                                 golden_values(golden["by_singular_values"], {count, kept})),
              1e-6);
  }
}

TEST(Pca, SignsDoNotDependOnTheRows) {
  const at::Tensor rows = seeded_problem(11, 50, 6, 2).values;
  const Projection one = fit_pca(rows, 6, PcaScale::singular_value);
  const Projection other = fit_pca(-rows, 6, PcaScale::singular_value);
  EXPECT_LT(largest_difference(one.components, other.components), 1e-9);
}

// Blocks of rows give what one block would: more rows than a block has.
TEST(Pca, WhitensManyRows) {
  const at::Tensor rows = seeded_problem(12, 5000, 3, 2).values;
  const Projection pca = fit_pca(rows, 3, PcaScale::standard_deviation);
  const at::Tensor white = pca.apply(rows);
  const at::Tensor covariance = at::mm(white.t(), white) / 4999;
  EXPECT_LT(largest_difference(covariance, at::eye(3, at::kDouble)), 1e-9);
  EXPECT_LT(white.mean(0).abs().max().item<double>(), 1e-9);
}

TEST(Pca, LeavesOutDirectionsThatDoNotVary) {
  const at::Tensor two = seeded_problem(13, 40, 2, 2).values;
  const at::Tensor flat = at::cat({two, two, at::ones({40, 2})}, 1);
  EXPECT_EQ(fit_pca(flat, 5, PcaScale::singular_value).width(), 2);
  // Three images span two directions.
  const at::Tensor few = seeded_problem(14, 3, 10, 2).values;
  const Projection pca = fit_pca(few, 10, PcaScale::singular_value);
  EXPECT_EQ(pca.width(), 2);
  EXPECT_TRUE(at::isfinite(pca.apply(few)).all().item<bool>());
}

TEST(Pca, RowsThatAreAllOneBecomeZeros) {
  for (const int64_t count : {1, 7}) {
    const at::Tensor rows = at::full({count, 4}, 0.1);
    for (const PcaScale scale : {PcaScale::standard_deviation, PcaScale::singular_value}) {
      const Projection pca = fit_pca(rows, 3, scale);
      EXPECT_EQ(pca.width(), 1);
      EXPECT_TRUE(at::equal(pca.apply(rows), at::zeros({count, 1}, at::kDouble)));
    }
  }
}

TEST(Pca, RefusesWhatIsNoFeature) {
  at::Tensor rows = at::ones({4, 3});
  rows[2][1] = std::numeric_limits<float>::quiet_NaN();
  const auto refused = [](const at::Tensor& rows, int64_t width) {
    return error_of(ErrorKind::invalid_argument,
                    [&] { fit_pca(rows, width, PcaScale::singular_value); });
  };
  EXPECT_EQ(refused(rows, 2), "expected finite features, got NaN or infinity in row 2");
  EXPECT_EQ(refused(at::ones({0, 3}), 2),
            "expected features of at least one image for PCA, got [0, 3]");
  EXPECT_EQ(refused(at::ones({4, 3}), 0), "expected a PCA width of at least 1, got 0");
  const Projection pca = fit_pca(at::ones({4, 3}), 2, PcaScale::singular_value);
  EXPECT_EQ(error_of(ErrorKind::invalid_argument,
                     [&] {
                       pca.apply(at::ones({4, 2}));
                     }),
            "expected features of width 3, got 2");
}

}  // namespace
}  // namespace submask
