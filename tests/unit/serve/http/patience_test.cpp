#include "serve/http/patience.h"

#include <gtest/gtest.h>

namespace submask {
namespace {

using std::chrono::seconds;

class PatienceTest : public testing::Test {
 protected:
  void SetUp() override { patience_.begin(start_); }

  Patience::Clock::time_point start_ = Patience::Clock::now();
  Patience patience_{seconds(30), 1000};
};

TEST_F(PatienceTest, AClientAtTheRateIsNeverTooLate) {
  for (int second = 1; second <= 1000; ++second) {
    ASSERT_GT(patience_.end(), start_ + seconds(second));
    patience_.add(1000, start_ + seconds(second));
  }
}

// What was sent before is no credit.
TEST_F(PatienceTest, AClientThatStopsIsWaitedForOnce) {
  patience_.add(100'000'000, start_ + seconds(10));
  EXPECT_EQ(patience_.end(), start_ + seconds(40));
}

TEST_F(PatienceTest, AByteNowAndThenIsTooSlow) {
  for (int i = 1; i <= 3; ++i) patience_.add(1, start_ + seconds(9 * i));
  EXPECT_LT(patience_.end(), start_ + seconds(31));
}

}  // namespace
}  // namespace submask
