#include "evaluate/classification_report.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>

#include "error_of.h"
#include "longs.h"

namespace submask {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

at::Tensor matrix(const std::vector<double>& values, int64_t columns) {
  return at::tensor(values, at::kDouble).reshape({-1, columns});
}

TEST(ClassificationReport, CountsWhatIsRightByClass) {
  const at::Tensor probabilities = matrix({.7, .2, .1, .6, .3, .1, .2, .5, .3, .1, .8, .1}, 3);
  const ClassificationReport report = report_classification(probabilities, longs({0, 1, 1, 1}));
  EXPECT_TRUE(at::equal(report.predictions, longs({0, 0, 1, 1})));
  EXPECT_TRUE(at::allclose(report.confidences, at::tensor({.7, .6, .5, .8}, at::kDouble)));
  EXPECT_DOUBLE_EQ(report.accuracy.accuracy, .75);
  EXPECT_THAT(report.class_samples, ElementsAre(1, 3, 0));
  EXPECT_THAT(report.class_right, ElementsAre(1, 2, 0));
  EXPECT_DOUBLE_EQ(report.class_accuracy(1), 2.0 / 3);
  EXPECT_TRUE(std::isnan(report.class_accuracy(2)));
  EXPECT_DOUBLE_EQ(report.top5_accuracy, 1);
}

// Bins of a fifteenth: .7 lies in the eleventh, .6 (its upper end) in the ninth, .5 in the eighth,
// .8 (an upper end) in the twelfth. |1 - .7| + |0 - .6| + |1 - .5| + |1 - .8|, each a quarter.
TEST(ClassificationReport, WeighsTheDistanceOfConfidenceAndAccuracyByBin) {
  const at::Tensor probabilities = matrix({.7, .2, .1, .6, .3, .1, .2, .5, .3, .1, .8, .1}, 3);
  const ClassificationReport report = report_classification(probabilities, longs({0, 1, 1, 1}));
  EXPECT_NEAR(report.ece, (.3 + .6 + .5 + .2) / 4, 1e-12);
  ASSERT_EQ(report.bins.size(), 15U);
  for (const size_t bin : {10, 8, 7, 11}) EXPECT_EQ(report.bins[bin].count, 1) << bin;
}

// Two samples of one bin share it: (.94 + .98) / 2 against half.
TEST(ClassificationReport, TakesTheMeansOfABin) {
  const ClassificationReport report =
      report_classification(matrix({.94, .06, .98, .02}, 2), longs({0, 1}));
  EXPECT_EQ(report.bins[14].count, 2);
  EXPECT_NEAR(report.bins[14].confidence, .96, 1e-12);
  EXPECT_NEAR(report.bins[14].accuracy, .5, 1e-12);
  EXPECT_NEAR(report.ece, .46, 1e-12);
}

TEST(ClassificationReport, IsCalibratedWhereProbabilitiesAreShares) {
  const at::Tensor certain = matrix({1, 0, 0, 1}, 2);
  EXPECT_EQ(report_classification(certain, longs({0, 1})).ece, 0);
  EXPECT_EQ(report_classification(certain, longs({1, 0})).ece, 1);
}

// The label's rank counts: fifth is in, sixth is not; of equal probabilities the lower class comes
// first.
TEST(ClassificationReport, TakesTheFirstFive) {
  const std::vector<double> row{.3, .25, .2, .1, .08, .05, .02};
  const auto top5 = [&](int64_t label) {
    return report_classification(matrix(row, 7), longs({label})).top5_accuracy;
  };
  EXPECT_EQ(top5(4), 1);
  EXPECT_EQ(top5(5), 0);
  const at::Tensor equal = at::full({1, 8}, 1.0 / 8, at::kDouble);
  EXPECT_EQ(report_classification(equal, longs({4})).top5_accuracy, 1);
  EXPECT_EQ(report_classification(equal, longs({5})).top5_accuracy, 0);
  EXPECT_EQ(report_classification(equal, longs({5})).predictions.item<int64_t>(), 0);
}

TEST(ClassificationReport, RejectsWhatAreNoProbabilities) {
  const auto refused = [](const at::Tensor& probabilities, const at::Tensor& labels) {
    return error_of(ErrorKind::invalid_argument,
                    [&] { report_classification(probabilities, labels); });
  };
  EXPECT_EQ(refused(matrix({.5, .5}, 2), longs({2})), "expected labels in 0 ... 1, got 2");
  EXPECT_EQ(refused(matrix({.5, .5}, 2), longs({0, 1})),
            "expected labels as Long [1], got Long [2]");
  const std::string rows = "expected probabilities of 0 or more that sum to 1, got others in row ";
  EXPECT_EQ(refused(matrix({.5, .6}, 2), longs({0})), rows + "0");
  EXPECT_EQ(refused(matrix({1.5, -.5}, 2), longs({0})), rows + "0");
  EXPECT_EQ(refused(at::zeros({0, 2}), longs({})),
            "expected at least one sample and one class, got [0, 2]");
  EXPECT_EQ(refused(at::ones({2}), longs({0, 1})),
            "expected probabilities as a floating-point matrix [N, C], got Float [2]");
  EXPECT_EQ(refused(matrix({.5, .5, std::nan(""), .5}, 2), longs({0, 1})), rows + "1");
}

TEST(ConfusionMatrix, HasARowAClass) {
  const at::Tensor confusion = confusion_matrix(longs({0, 0, 2, 1}), longs({0, 1, 1, 1}), 3);
  EXPECT_TRUE(at::equal(confusion, longs({1, 0, 0, 1, 1, 1, 0, 0, 0}).reshape({3, 3})));
  const auto refused = [](const at::Tensor& predictions, const at::Tensor& labels) {
    return error_of(ErrorKind::invalid_argument, [&] { confusion_matrix(predictions, labels, 3); });
  };
  EXPECT_EQ(refused(longs({3}), longs({0})), "expected predictions in 0 ... 2, got 3");
  EXPECT_EQ(refused(longs({}), longs({})), "expected at least one sample, got none");
}

}  // namespace
}  // namespace submask
