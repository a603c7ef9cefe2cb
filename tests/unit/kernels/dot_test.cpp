#include <cmath>

#include "part_orders.h"
#include "sweep_values.h"

namespace submask {
namespace {

double dot_of(const Floats& a, const Floats& b,
              const kernels::ParallelFor& parallel_for = one_part) {
  return kernels::dot(parallel_for, a.data(), b.data(), a.size());
}

double dot_of_squares_of(const Floats& a, const Floats& b,
                         const kernels::ParallelFor& parallel_for = one_part) {
  return kernels::dot_of_squares(parallel_for, a.data(), b.data(), a.size());
}

// Small integers: every sum is exact in any order, so that one element more or less shows.
TEST(Dot, IsExactForSmallIntegers) {
  for (const int64_t count : sweep_sizes)
    for (const int64_t offset : {0, 1}) {
      Random random({1, static_cast<uint64_t>(count)});
      Floats a(count, offset), b(count, 3 * offset);
      double expected = 0, expected_squares = 0;
      for (int64_t i = 0; i < count; ++i) {
        a[i] = static_cast<float>(random.below(9)) + 1;
        b[i] = static_cast<float>(random.below(17)) - 8.5F;
        const double product = static_cast<double>(a[i]) * b[i];
        expected += product;
        expected_squares += product * product;
      }
      EXPECT_EQ(dot_of(a, b), expected) << count;
      EXPECT_EQ(dot_of_squares_of(a, b), expected_squares) << count;
    }
}

TEST(Dot, IsNearTheSumInDouble) {
  for (const int64_t count : sweep_sizes) {
    const Floats a = random_floats(Random({2}), count), b = random_floats(Random({3}), count);
    double expected = 0, magnitude = 0;
    for (int64_t i = 0; i < count; ++i) {
      expected += static_cast<double>(a[i]) * b[i];
      magnitude += std::fabs(static_cast<double>(a[i]) * b[i]);
    }
    EXPECT_NEAR(dot_of(a, b), expected, 1e-6 * magnitude) << count;
  }
}

// A float32 does not hold the sum of so many ones.
TEST(Dot, AddsBlocksInDouble) {
  constexpr int64_t many = 20'000'001;
  const std::vector<float> ones(many, 1);
  EXPECT_EQ(kernels::dot(one_part, ones.data(), ones.data(), many), many);
}

TEST(Dot, DoesNotDependOnTheParts) {
  const Floats a = random_floats(Random({4}), 100'003), b = random_floats(Random({5}), 100'003);
  const double expected = dot_of(a, b);
  const double expected_squares = dot_of_squares_of(a, b);
  for (const PartOrder& order : other_orders()) {
    EXPECT_EQ(dot_of(a, b, order.parallel_for), expected) << order.name;
    EXPECT_EQ(dot_of_squares_of(a, b, order.parallel_for), expected_squares) << order.name;
  }
}

}  // namespace
}  // namespace submask
