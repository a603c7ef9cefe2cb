#include <cmath>
#include <limits>

#include "part_orders.h"
#include "sweep_values.h"

namespace submask {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

struct Unit {
  explicit Unit(int64_t count, int64_t offset = 0)
      : theta(random_floats(Random({1}), count, offset)),
        gradient(random_floats(Random({2}), count, 2 * offset)),
        score(random_floats(Random({3}), count, 3 * offset)),
        velocity(random_floats(Random({4}), count, offset)),
        on(random_flags(Random({5}), count, offset)) {}

  // Returns the number of weights that are on.
  int64_t update(const kernels::ScoreStep& step,
                 const kernels::ParallelFor& parallel_for = one_part,
                 const float* prices = nullptr) {
    return kernels::update_scores(parallel_for, step, theta.data(), gradient.data(), score.data(),
                                  velocity.data(), on.data(), score.size(), prices);
  }
  void expect_intact_around() const {
    for (const Floats* floats : {&theta, &gradient, &score, &velocity})
      EXPECT_TRUE(floats->is_intact_around()) << score.size();
    EXPECT_TRUE(on.is_intact_around()) << score.size();
  }

  Floats theta, gradient, score, velocity;
  Flags on;
};

kernels::ScoreStep step_of(double momentum, bool nesterov, double decay) {
  return {.gradient_scale = 1.25F,
          .shift = 0.375F,
          .mu = 0.1F,
          .rate = 0.5F,
          .update = {.momentum = momentum, .nesterov = nesterov, .weight_decay = decay}};
}

std::vector<kernels::ScoreStep> steps() {
  std::vector<kernels::ScoreStep> all;
  for (const double momentum : {0.0, 0.9})
    for (const bool nesterov : {false, true})
      for (const double decay : {0.0, 0.25, 1.0}) {
        all.push_back(step_of(momentum, nesterov, decay));
        all.push_back(all.back());
        all.back().pull = 0.125F;
        all.back().top = 0.5F;
      }
  return all;
}

// Three steps of the same unit, once by the sweep and once one by one in double.
void expect_three_steps(const kernels::ScoreStep& step, int64_t count, int64_t offset) {
  Unit unit(count, offset);
  const std::vector<float> score = unit.score.content(), velocity = unit.velocity.content();
  std::vector<double> s(score.begin(), score.end()), v(velocity.begin(), velocity.end());
  const double momentum = step.update.momentum;
  for (int k = 0; k < 3; ++k) {
    const int64_t total = unit.update(step);
    int64_t expected_total = 0;
    for (size_t i = 0; i < s.size(); ++i) {
      const auto at = static_cast<int64_t>(i);
      const double d = step.gradient_scale * static_cast<double>(unit.theta[at]) *
                           static_cast<double>(unit.gradient[at]) -
                       step.shift + step.update.weight_decay * s[i];
      v[i] = momentum * v[i] + d;
      s[i] -= step.rate * (step.update.nesterov ? d + momentum * v[i] : v[i]);
      if (s[i] < step.top) s[i] += step.pull;
      ASSERT_NEAR(unit.velocity[at], v[i], 1e-5 * (1 + std::fabs(v[i]))) << i << " of " << count;
      ASSERT_NEAR(unit.score[at], s[i], 1e-5 * (1 + std::fabs(s[i]))) << i << " of " << count;
      ASSERT_EQ(unit.on[at], unit.score[at] > step.mu ? 1 : 0) << i << " of " << count;
      expected_total += unit.on[at];
    }
    ASSERT_EQ(total, expected_total) << count;
  }
  unit.expect_intact_around();
}

TEST(UpdateScores, EqualsTheStepOneByOne) {
  for (const kernels::ScoreStep& step : steps())
    for (const int64_t count : sweep_sizes)
      for (const int64_t offset : {0, 1}) expect_three_steps(step, count, offset);
}

TEST(UpdateScores, APriceScalesThePull) {
  for (const int64_t count : sweep_sizes)
    for (const float price : {0.0F, 1.0F, 2.0F}) {
      kernels::ScoreStep step = step_of(0.9, false, 0.25), scaled = step;
      step.pull = 0.125F;
      scaled.pull = price * step.pull;
      step.top = scaled.top = 0.5F;
      Unit priced(count, 1), plain(count, 1);
      const std::vector<float> prices(static_cast<size_t>(count), price);
      EXPECT_EQ(priced.update(step, one_part, prices.data()), plain.update(scaled));
      EXPECT_EQ(priced.score.content(), plain.score.content());
      priced.expect_intact_around();
    }
}

TEST(UpdateScores, LeavesThetaAndGradient) {
  Unit unit(1000);
  unit.update(step_of(0.9, true, 0.25));
  EXPECT_EQ(unit.theta.content(), Unit(1000).theta.content());
  EXPECT_EQ(unit.gradient.content(), Unit(1000).gradient.content());
}

// An infinite score marks a weight that is never masked.
TEST(UpdateScores, InfiniteScoresStayOnAndDoNotDecay) {
  for (const kernels::ScoreStep& step : steps()) {
    Unit unit(16'391);
    Unit finite = unit;
    for (int64_t i = 0; i < unit.score.size(); i += 3) {
      unit.score[i] = infinity;
      finite.score[i] = 0;  // decays by nothing either
    }
    unit.update(step);
    finite.update(step);
    for (int64_t i = 0; i < unit.score.size(); ++i) {
      const bool is_infinite = i % 3 == 0;
      ASSERT_EQ(unit.score[i], is_infinite ? infinity : finite.score[i]) << i;
      ASSERT_EQ(unit.on[i], is_infinite ? 1 : finite.on[i]) << i;
      ASSERT_EQ(unit.velocity[i], finite.velocity[i]) << i;
    }
  }
}

// A weight is on above mu, not at it.
TEST(UpdateScores, AWeightIsOnAboveMu) {
  kernels::ScoreStep still = step_of(0.9, false, 0);
  still.rate = 0;
  for (const float mu : {0.0F, 0.1F, -2.5F}) {
    still.mu = mu;
    Unit unit(33);
    for (int64_t i = 0; i < 33; ++i)
      unit.score[i] = i % 3 == 0   ? mu
                      : i % 3 == 1 ? std::nextafter(mu, infinity)
                                   : std::nextafter(mu, -infinity);
    EXPECT_EQ(unit.update(still), 11) << mu;
    for (int64_t i = 0; i < 33; ++i) EXPECT_EQ(unit.on[i], i % 3 == 1 ? 1 : 0) << mu << " " << i;
  }
}

TEST(UpdateScores, CountsAllOnAndAllOff) {
  kernels::ScoreStep still = step_of(0, false, 0);
  still.rate = 0;
  for (const int64_t count : sweep_sizes) {
    Unit unit(count);
    still.mu = -100;
    EXPECT_EQ(unit.update(still), count);
    still.mu = 100;
    EXPECT_EQ(unit.update(still), 0) << count;
  }
}

TEST(UpdateScores, DoesNotDependOnTheParts) {
  for (const kernels::ScoreStep& step : steps()) {
    const Unit start(100'003);
    Unit expected = start;
    const int64_t total = expected.update(step);
    for (const PartOrder& order : other_orders()) {
      Unit unit = start;
      EXPECT_EQ(unit.update(step, order.parallel_for), total) << order.name;
      EXPECT_EQ(unit.score.content(), expected.score.content()) << order.name;
      EXPECT_EQ(unit.velocity.content(), expected.velocity.content()) << order.name;
      EXPECT_EQ(unit.on.content(), expected.on.content()) << order.name;
    }
  }
}

}  // namespace
}  // namespace submask
