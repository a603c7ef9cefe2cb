#include "evaluate/training_set.h"

#include <cmath>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>

#include "error_of.h"
#include "noise_images.h"

namespace submask {
namespace {

// Classes 0 1 2 0 1 2 0 of NoiseImages.
TEST(TrainingSet, IsDescribedByLabelsSizesAndFeatures) {
  const NoiseImages images(7);
  Features features{at::zeros({7, 2}), at::arange(7, at::kLong).remainder(3), {}};
  for (int64_t i = 0; i < 7; ++i) {  // along x, along y, against x, at any length
    features.values[i][i % 3 == 1 ? 1 : 0] =
        (i % 3 == 2 ? -1.0 : 1.0) * (1 + static_cast<double>(i));
  }
  const TrainingSetProperties set = describe_training_set(images, features);
  EXPECT_EQ(set.classes, 3);
  EXPECT_EQ(set.images, 7);
  EXPECT_NEAR(set.label_entropy, -(3 * std::log(3 / 7.) + 4 * std::log(2 / 7.)) / 7, 1e-12);
  EXPECT_NEAR(set.class_balance, 2 / 3., 1e-12);
  EXPECT_EQ(set.image_size, 32);
  EXPECT_NEAR(set.class_distance, (1 + 1 + 2) / 3., 1e-6);  // x to y, y to -x, x to -x
}

TEST(TrainingSet, OfOneClassHasNoDistance) {
  const NoiseImages images(7);
  const Features features{at::ones({2, 4}), at::zeros({2}, at::kLong), {}};
  const TrainingSetProperties set = describe_training_set(images, features);
  EXPECT_TRUE(std::isnan(set.class_distance));
  EXPECT_EQ(set.class_balance, 0);
  EXPECT_EQ(set.label_entropy, 0);
  EXPECT_EQ(
      error_of(ErrorKind::invalid_argument,
               [&] {
                 describe_training_set(images, {at::ones({0, 4}), at::empty({0}, at::kLong), {}});
               }),
      "expected features of training images, got none");
}

}  // namespace
}  // namespace submask
