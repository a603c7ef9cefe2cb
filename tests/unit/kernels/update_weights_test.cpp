#include <cmath>

#include "part_orders.h"
#include "sweep_values.h"

namespace submask {
namespace {

constexpr float rate = 0.5F;

struct Layer {
  explicit Layer(int64_t count, int64_t offset = 0)
      : gradient(random_floats(Random({1}), count, offset)),
        weight(random_floats(Random({2}), count, 3 * offset)),
        velocity(random_floats(Random({3}), count, 2 * offset)) {}

  void update(const UpdateSettings& settings, const kernels::ParallelFor& parallel_for = one_part) {
    kernels::update_weights(parallel_for, settings, rate, gradient.data(), weight.data(),
                            velocity.data(), weight.size());
  }

  Floats gradient, weight, velocity;
};

std::vector<UpdateSettings> updates() {
  std::vector<UpdateSettings> all;
  for (const double momentum : {0.0, 0.9})
    for (const bool nesterov : {false, true})
      for (const double decay : {0.0, 0.25})
        all.push_back({.momentum = momentum, .nesterov = nesterov, .weight_decay = decay});
  return all;
}

// Three steps of the same layer, once by the sweep and once one by one in double.
void expect_three_weight_steps(const UpdateSettings& update, int64_t count, int64_t offset) {
  Layer layer(count, offset);
  const std::vector<float> weight = layer.weight.content(), velocity = layer.velocity.content();
  std::vector<double> w(weight.begin(), weight.end()), v(velocity.begin(), velocity.end());
  for (int k = 0; k < 3; ++k) {
    layer.update(update);
    for (size_t i = 0; i < w.size(); ++i) {
      const auto at = static_cast<int64_t>(i);
      const double d = layer.gradient[at] + update.weight_decay * w[i];
      v[i] = update.momentum * v[i] + d;
      w[i] -= rate * (update.nesterov ? d + update.momentum * v[i] : v[i]);
      ASSERT_NEAR(layer.velocity[at], v[i], 1e-5 * (1 + std::fabs(v[i]))) << i << " of " << count;
      ASSERT_NEAR(layer.weight[at], w[i], 1e-5 * (1 + std::fabs(w[i]))) << i << " of " << count;
    }
  }
  for (const Floats* floats : {&layer.gradient, &layer.weight, &layer.velocity})
    EXPECT_TRUE(floats->is_intact_around()) << count;
  EXPECT_EQ(layer.gradient.content(), Layer(count).gradient.content()) << count;
}

TEST(UpdateWeights, EqualsTheStepOneByOne) {
  for (const UpdateSettings& update : updates())
    for (const int64_t count : sweep_sizes)
      for (const int64_t offset : {0, 1}) expect_three_weight_steps(update, count, offset);
}

TEST(UpdateWeights, DoesNotDependOnTheParts) {
  for (const UpdateSettings& update : updates()) {
    const Layer start(100'003);
    Layer expected = start;
    expected.update(update);
    for (const PartOrder& order : other_orders()) {
      Layer layer = start;
      layer.update(update, order.parallel_for);
      EXPECT_EQ(layer.weight.content(), expected.weight.content()) << order.name;
      EXPECT_EQ(layer.velocity.content(), expected.velocity.content()) << order.name;
    }
  }
}

}  // namespace
}  // namespace submask
