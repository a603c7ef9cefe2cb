#include <gtest/gtest.h>
#include <limits>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/evaluate.h>

#include "error_of.h"
#include "longs.h"

namespace submask {
namespace {

TEST(Accuracy, CountsRightPredictions) {
  const Accuracy result = measure_accuracy(longs({0, 0, 1, 1}), longs({0, 0, 0, 1}), 2);
  EXPECT_EQ(result.count, 4);
  EXPECT_DOUBLE_EQ(result.accuracy, 0.75);
  EXPECT_DOUBLE_EQ(result.mean_class_accuracy, (2.0 / 3 + 1) / 2);
}

TEST(Accuracy, LeavesClassesWithoutSamplesOutOfTheMean) {
  const Accuracy result = measure_accuracy(longs({4, 4, 2}), longs({4, 2, 2}), 9);
  EXPECT_DOUBLE_EQ(result.mean_class_accuracy, 0.75);
}

TEST(Accuracy, RejectsWhatIsNoPrediction) {
  const auto refused = [](const at::Tensor& predictions, const at::Tensor& labels) {
    return error_of(ErrorKind::invalid_argument, [&] { measure_accuracy(predictions, labels, 2); });
  };
  EXPECT_EQ(refused(longs({}), longs({})), "expected at least one sample, got none");
  EXPECT_EQ(refused(longs({0}), longs({0, 1})), "expected predictions as Long [2], got Long [1]");
  EXPECT_EQ(refused(longs({2}), longs({0})), "expected predictions in 0 ... 1, got 2");
  EXPECT_EQ(refused(longs({0}), longs({-1})), "expected labels in 0 ... 1, got -1");
  EXPECT_EQ(refused(at::zeros({1}), longs({0})), "expected predictions as Long [1], got Float [1]");
}

}  // namespace
}  // namespace submask
