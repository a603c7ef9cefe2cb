#include "learn/schedule.h"

#include <gtest/gtest.h>

namespace submask {
namespace {

TEST(RateShare, WarmsUpThenFollowsACosine) {
  EXPECT_DOUBLE_EQ(rate_share(Schedule::cosine, 20, 40, 150), 0.5);
  EXPECT_DOUBLE_EQ(rate_share(Schedule::cosine, 40, 40, 150), 1);
  EXPECT_NEAR(rate_share(Schedule::cosine, 95, 40, 150), 0.5, 1e-12);
  EXPECT_NEAR(rate_share(Schedule::cosine, 150, 40, 150), 0, 1e-12);
}

TEST(RateShare, ConstantStays) {
  EXPECT_DOUBLE_EQ(rate_share(Schedule::constant, 3, 0, 10), 1);
  EXPECT_DOUBLE_EQ(rate_share(Schedule::constant, 1, 2, 10), 0.5);
}

}  // namespace
}  // namespace submask
