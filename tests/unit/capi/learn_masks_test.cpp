// The sweeps of mask learning by the C interface, against plain loops.
#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
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
  const submask_score_step step{0.5F, 0.01F, 0.1F, 2, 0.9, 0.001, 1, 0.25F, 0.5F};
  std::vector<uint8_t> on(n, 9);
  int64_t count = 0, expected_count = 0;
  EXPECT_OK(submask_update_scores(&step, theta.data(), gradient.data(), score.data(),
                                  velocity.data(), on.data(), n, &count));
  for (size_t i = 0; i < n; ++i) {
    const double pull = std::isinf(score_before[i]) ? 0 : 0.001 * score_before[i];
    const double d = 0.5 * theta[i] * gradient[i] - 0.01 + pull, v = 0.9 * velocity_before[i] + d;
    ASSERT_NEAR(velocity[i], v, 1e-5);
    const double moved = score_before[i] - 2 * (d + 0.9 * v);
    if (std::fabs(moved - 0.5) > 1e-4 && !std::isinf(score_before[i])) {
      ASSERT_NEAR(score[i], moved < 0.5 ? moved + 0.25 : moved, 1e-4);
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

// Units around the block of 16384, few and many blocks, and their arrays.
struct Unit {
  explicit Unit(size_t n, unsigned seed)
      : theta(normal_values(n, seed)),
        gradient(normal_values(n, seed + 1)),
        score(normal_values(n, seed + 2)),
        velocity(normal_values(n, seed + 3)),
        weights(normal_values(n, seed + 4)) {}

  submask_step_unit for_step() {
    return {theta.data(), gradient.data(), score.data(), velocity.data(), weights.data(),
            theta.size(), scale,           on,           gradient_size};
  }

  std::vector<float> theta, gradient, score, velocity, weights;
  double scale = 1.25;
  int64_t on = 0;
  float gradient_size = 0;
};

std::vector<Unit> units_of_all_sizes() {
  std::vector<Unit> units;
  for (const size_t n : {1, 15, 16'384, 16'385, 300'003, 0, 81'920, 65'537})
    units.emplace_back(n, static_cast<unsigned>(units.size()) * 10);
  return units;
}

// What a step is made of, one sweep after the other.
void step_by_sweeps(const submask_mask_step& step, Unit& unit) {
  const size_t n = unit.theta.size();
  submask_score_step how = step.score;
  how.gradient_scale = 1;
  how.shift = 0;
  if (step.scaled != 0) {
    double sum = 0;
    EXPECT_OK(submask_dot(unit.gradient.data(), unit.weights.data(), n, &sum));
    how.gradient_scale = static_cast<float>(unit.scale);
    how.shift = static_cast<float>(unit.scale * unit.scale / (2.0 * static_cast<double>(n)) * sum);
  }
  if (step.unit_rates != 0 && n > 0) {
    std::vector<float> products(n);
    std::ranges::transform(unit.theta, unit.gradient, products.begin(), std::multiplies());
    double squares = 0;
    EXPECT_OK(submask_dot(products.data(), products.data(), n, &squares));
    const double size = unit.scale * std::sqrt(squares / static_cast<double>(n));
    const double average = unit.gradient_size == 0 ? size : .99 * unit.gradient_size + .01 * size;
    how.rate = static_cast<float>(step.score.rate / average);
    unit.gradient_size = static_cast<float>(average);
  }
  std::vector<uint8_t> on(n);
  EXPECT_OK(submask_update_scores(&how, unit.theta.data(), unit.gradient.data(), unit.score.data(),
                                  unit.velocity.data(), on.data(), n, &unit.on));
  if (unit.on == 0 && step.off_scale == 0) return;
  if (step.scaled != 0)
    unit.scale = std::sqrt(static_cast<double>(n) / static_cast<double>(unit.on));
  EXPECT_OK(submask_materialise(static_cast<float>(unit.scale), step.off_scale, unit.theta.data(),
                                on.data(), unit.weights.data(), n));
}

TEST(CLearnMasks, AStepOfManyUnitsIsTheirSweeps) {
  const submask_score_step score{1, 0, 0.1F, 0.5F, 0.9, 0.01, 1, 0, 0};
  submask_score_step pulled = score;
  pulled.pull = 0.05F;
  pulled.top = 0.5F;
  for (const submask_mask_step& step :
       {submask_mask_step{score, 0, 1, 0}, submask_mask_step{score, 0, 0, 0},
        submask_mask_step{pulled, 0, 1, 0}, submask_mask_step{score, -1, 0, 0},
        submask_mask_step{score, 0, 1, 1}, submask_mask_step{pulled, -1, 0, 1}})
    for (const int threads : {1, 7}) {
      EXPECT_OK(submask_set_threads(threads));
      std::vector<Unit> expected = units_of_all_sizes(), found = units_of_all_sizes();
      // Of this one no weight is on after the step.
      for (std::vector<Unit>* units : {&expected, &found})
        for (float& value : (*units)[4].score) value = -1e6F;
      for (int k = 0; k < 3; ++k) {
        std::vector<submask_step_unit> list;
        for (Unit& unit : found) list.push_back(unit.for_step());
        EXPECT_OK(submask_step_masks(&step, list.data(), list.size()));
        for (size_t i = 0; i < found.size(); ++i) {
          found[i].scale = list[i].scale;
          found[i].on = list[i].on;
          found[i].gradient_size = list[i].gradient_size;
          step_by_sweeps(step, expected[i]);
          ASSERT_EQ(found[i].on, expected[i].on) << i;
          if (found[i].theta.empty()) continue;
          ASSERT_EQ(found[i].scale, expected[i].scale) << i;
          ASSERT_EQ(found[i].gradient_size, expected[i].gradient_size) << i;
          ASSERT_EQ(found[i].score, expected[i].score) << i;
          ASSERT_EQ(found[i].velocity, expected[i].velocity) << i;
          for (size_t w = 0; w < found[i].weights.size(); ++w)
            ASSERT_EQ(std::bit_cast<uint32_t>(found[i].weights[w]),
                      std::bit_cast<uint32_t>(expected[i].weights[w]))
                << w << " of " << i;
        }
      }
      EXPECT_EQ(found[4].on, 0);
    }
  EXPECT_OK(submask_set_threads(0));
}

}  // namespace
