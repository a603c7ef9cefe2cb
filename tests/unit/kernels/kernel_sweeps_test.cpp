// The sweeps against plain loops, without LibTorch: see unit/mask for ATen's values.
#include <algorithm>
#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <vector>

#include "base/random.h"
#include "kernels/mask_kernels.h"

namespace submask::kernels {
namespace {

// Around the lanes of a vector, bytes of packed bits, and blocks of 16384.
constexpr std::array<int64_t, 9> awkward_sizes = {0, 1, 7, 8, 17, 16383, 16384, 16385, 50003};

// Three parts at a time, the last ones first: no order may matter.
void in_parts(int64_t count, const std::function<void(int64_t begin, int64_t end)>& work) {
  for (int64_t end = count; end > 0; end -= 3) work(std::max<int64_t>(end - 3, 0), end);
}

std::vector<float> normals(uint64_t stream, int64_t count) {
  Random random({stream, static_cast<uint64_t>(count)});
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = static_cast<float>(random.normal());
  return values;
}

void expect_near(const std::vector<float>& got, const std::vector<double>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], expected[i], 1e-5 * (1 + std::abs(expected[i]))) << i;
}

// Small whole numbers: every sum is exact.
TEST(KernelSweeps, DotIsExactForWholeNumbers) {
  for (const int64_t count : awkward_sizes) {
    Random random({1, static_cast<uint64_t>(count)});
    std::vector<float> a(static_cast<size_t>(count)), b(a.size());
    for (size_t i = 0; i < a.size(); ++i) {
      a[i] = static_cast<float>(random.below(7)) - 3;
      b[i] = static_cast<float>(random.below(7)) - 2;
    }
    EXPECT_EQ(dot(in_parts, a.data(), b.data(), count),
              std::inner_product(a.begin(), a.end(), b.begin(), 0.0))
        << count;
  }
}

struct Sgd {
  double rate, momentum, decay;
  bool nesterov;

  // v = momentum * v + d; x -= rate * (nesterov ? d + momentum * v : v)
  void step(double gradient, double& value, double& velocity) const {
    const double d = gradient + decay * value;
    velocity = momentum * velocity + d;
    value -= rate * (nesterov ? d + momentum * velocity : velocity);
  }
  UpdateSettings settings() const {
    return {.momentum = momentum, .nesterov = nesterov, .weight_decay = decay};
  }
};

constexpr std::array<Sgd, 4> updates = {
    Sgd{.rate = 0.1, .momentum = 0.9, .decay = 0, .nesterov = false},
    Sgd{.rate = 0.1, .momentum = 0.7, .decay = 0, .nesterov = true},
    Sgd{.rate = 0.3, .momentum = 0.9, .decay = 0.25, .nesterov = false},
    Sgd{.rate = 0.3, .momentum = 0.5, .decay = 0.25, .nesterov = true}};

std::vector<double> doubles(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

TEST(KernelSweeps, ScoresMoveAsSgdDoes) {
  for (const int64_t count : awkward_sizes)
    for (const Sgd& sgd : updates) {
      const auto theta = normals(2, count), gradient = normals(3, count);
      auto score = normals(4, count), velocity = normals(5, count);
      std::vector<double> expected = doubles(score), momentum = doubles(velocity);
      std::vector<uint8_t> on(score.size(), 7);
      const ScoreStep step{1.25F, 0.5F, 0.125F, static_cast<float>(sgd.rate), sgd.settings()};
      const int64_t total = update_scores(in_parts, step, theta.data(), gradient.data(),
                                          score.data(), velocity.data(), on.data(), count);
      for (size_t i = 0; i < expected.size(); ++i)
        sgd.step(1.25 * theta[i] * gradient[i] - 0.5, expected[i], momentum[i]);
      expect_near(score, expected);
      expect_near(velocity, momentum);
      int64_t ones = 0;
      for (size_t i = 0; i < on.size(); ++i) {
        ASSERT_EQ(on[i], score[i] > 0.125F ? 1 : 0) << i;
        ones += on[i];
      }
      EXPECT_EQ(total, ones);
    }
}

TEST(KernelSweeps, AScoreOfMuIsOff) {
  const std::vector<float> nothing(3);
  std::vector<float> score = {0.25F, 0.5F, 0.75F}, velocity(3);
  std::vector<uint8_t> on(3);
  const ScoreStep step{.mu = 0.5F, .rate = 0.1F, .update = {}};
  EXPECT_EQ(update_scores(in_parts, step, nothing.data(), nothing.data(), score.data(),
                          velocity.data(), on.data(), 3),
            1);
  EXPECT_EQ(on, (std::vector<uint8_t>{0, 0, 1}));
}

// A weight with an infinite score is never masked; large finite ones decay.
TEST(KernelSweeps, InfiniteScoresDoNotDecay) {
  const std::vector<float> nothing(2);
  std::vector<float> score = {std::numeric_limits<float>::infinity(), 3e38F}, velocity(2);
  std::vector<uint8_t> on(2);
  const ScoreStep step{
      .mu = 1, .rate = 0.5F, .update = {.momentum = 0, .nesterov = false, .weight_decay = 0.5}};
  EXPECT_EQ(update_scores(in_parts, step, nothing.data(), nothing.data(), score.data(),
                          velocity.data(), on.data(), 2),
            2);
  EXPECT_EQ(score[0], std::numeric_limits<float>::infinity());
  EXPECT_EQ(velocity[0], 0);
  EXPECT_FLOAT_EQ(score[1], 2.25e38F);
}

TEST(KernelSweeps, WeightsAreThetaByTheMask) {
  for (const int64_t count : awkward_sizes)
    for (const float off_scale : {0.0F, -1.5F}) {
      const auto theta = normals(6, count);
      Random random({7, static_cast<uint64_t>(count)});
      std::vector<uint8_t> on(theta.size()), bits(theta.size() / 8 + 1);
      std::vector<float> expected(theta.size());
      for (size_t i = 0; i < on.size(); ++i) {
        on[i] = random.below(3) > 0 ? 1 : 0;
        bits[i / 8] = static_cast<uint8_t>(bits[i / 8] | on[i] << (i % 8));
        expected[i] = (on[i] != 0 ? 1.5F : off_scale) * theta[i];
      }
      // One more than is written.
      std::vector<float> weight(theta.size() + 1, 9), from_bits(weight);
      expected.push_back(9);
      materialise(in_parts, 1.5F, off_scale, theta.data(), on.data(), weight.data(), count);
      materialise_packed(in_parts, 1.5F, off_scale, theta.data(), bits.data(), from_bits.data(),
                         count);
      EXPECT_EQ(weight, expected) << count;
      EXPECT_EQ(from_bits, expected) << count;
    }
}

TEST(KernelSweeps, WeightsMoveAsSgdDoes) {
  for (const int64_t count : awkward_sizes)
    for (const Sgd& sgd : updates) {
      const auto gradient = normals(8, count);
      auto weight = normals(9, count), velocity = normals(10, count);
      std::vector<double> expected = doubles(weight), momentum = doubles(velocity);
      update_weights(in_parts, sgd.settings(), static_cast<float>(sgd.rate), gradient.data(),
                     weight.data(), velocity.data(), count);
      for (size_t i = 0; i < expected.size(); ++i) sgd.step(gradient[i], expected[i], momentum[i]);
      expect_near(weight, expected);
      expect_near(velocity, momentum);
    }
}

}  // namespace
}  // namespace submask::kernels
