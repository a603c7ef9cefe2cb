// The sweeps of mask learning by the C interface, against plain loops.
#include <cmath>
#include <random>

#include "small_task.h"

namespace {

std::vector<float> normal_values(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

TEST(CLearnMasks, AStepIsThatOfSgd) {
  const size_t n = 40'000;
  const auto theta = normal_values(n, 1), gradient = normal_values(n, 2);
  auto score = normal_values(n, 3), velocity = normal_values(n, 4);
  score[17] = INFINITY;  // never masked
  const auto score_before = score, velocity_before = velocity;
  const submask_score_step step{0.5F, 0.01F, 0.1F, 2, 0.9, 0.001, 1};
  std::vector<uint8_t> on(n, 9);
  int64_t count = 0, expected_count = 0;
  EXPECT_OK(submask_update_scores(&step, theta.data(), gradient.data(), score.data(),
                                  velocity.data(), on.data(), n, &count));
  for (size_t i = 0; i < n; ++i) {
    const double pull = std::isinf(score_before[i]) ? 0 : 0.001 * score_before[i];
    const double d = 0.5 * theta[i] * gradient[i] - 0.01 + pull, v = 0.9 * velocity_before[i] + d;
    ASSERT_NEAR(velocity[i], v, 1e-5);
    if (!std::isinf(score_before[i])) {
      ASSERT_NEAR(score[i], score_before[i] - 2 * (d + 0.9 * v), 1e-4);
    }
    ASSERT_EQ(on[i], score[i] > 0.1F ? 1 : 0);
    expected_count += on[i];
  }
  EXPECT_EQ(score[17], INFINITY);
  EXPECT_EQ(count, expected_count);
}

TEST(CLearnMasks, SumsAndWritesWeights) {
  const size_t n = 33'333;
  const auto a = normal_values(n, 5), b = normal_values(n, 6);
  double sum = 0, expected = 0;
  for (size_t i = 0; i < n; ++i) expected += static_cast<double>(a[i]) * b[i];
  EXPECT_OK(submask_dot(a.data(), b.data(), n, &sum));
  EXPECT_NEAR(sum, expected, 1e-2);
  std::vector<uint8_t> on(n);
  for (size_t i = 0; i < n; ++i) on[i] = i % 3 == 0;
  std::vector<float> weights(n);
  EXPECT_OK(submask_materialise(1.5F, 0, a.data(), on.data(), weights.data(), n));
  for (size_t i = 0; i < n; ++i) ASSERT_EQ(weights[i], (i % 3 == 0 ? 1.5F : 0.0F) * a[i]);
}

}  // namespace
