#include "base/random.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

namespace submask {
namespace {

// The same values as tests/reference/counter_random.py prints.
TEST(Random, EqualsItsPythonTwin) {
  Random random({1, 2, 3});
  EXPECT_EQ(random.next(), 2399657773382937285ULL);
  EXPECT_EQ(random.next(), 8067101194408944102ULL);
}

TEST(Random, DoesNotDependOnWhatWasDrawnBefore) {
  Random first = random_stream(7, Stream::augment, 3, 14);
  Random other = random_stream(7, Stream::augment, 3, 15);
  other.next();
  EXPECT_EQ(first.next(), random_stream(7, Stream::augment, 3, 14).next());
  EXPECT_NE(random_stream(7, Stream::augment, 3, 14).next(),
            random_stream(7, Stream::order, 3, 14).next());
}

TEST(Random, PermutationHoldsEveryIndexOnce) {
  const auto order = Random({9}).permutation(1000);
  EXPECT_EQ(std::set<int64_t>(order.begin(), order.end()).size(), 1000U);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
}

TEST(Random, MomentsAreRight) {
  Random random({11});
  double sum = 0, squares = 0, uniform = 0;
  constexpr int count = 200000;
  for (int i = 0; i < count; ++i) {
    const double value = random.normal();
    sum += value;
    squares += value * value;
    uniform += random.uniform();
  }
  EXPECT_NEAR(sum / count, 0, 0.01);
  EXPECT_NEAR(squares / count, 1, 0.02);
  EXPECT_NEAR(uniform / count, 0.5, 0.005);
}

TEST(Random, BelowStaysBelow) {
  Random random({13});
  for (int i = 0; i < 1000; ++i) EXPECT_LT(random.below(7), 7U);
}

}  // namespace
}  // namespace submask
