#include <gtest/gtest.h>
#include <limits>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/evaluate.h>

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
  EXPECT_THROW(measure_accuracy(longs({}), longs({}), 2), Error);
  EXPECT_THROW(measure_accuracy(longs({0}), longs({0, 1}), 2), Error);
  EXPECT_THROW(measure_accuracy(longs({2}), longs({0}), 2), Error);
  EXPECT_THROW(measure_accuracy(longs({0}), longs({-1}), 2), Error);
  EXPECT_THROW(measure_accuracy(at::zeros({1}), longs({0}), 2), Error);
}

}  // namespace
}  // namespace submask
