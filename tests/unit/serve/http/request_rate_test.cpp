#include "serve/http/request_rate.h"

#include <gtest/gtest.h>

namespace submask {
namespace {

using std::chrono::milliseconds;

const RequestRate::Clock::time_point start{};

TEST(RequestRate, AllowsASecondAtOnceAndThenTheRate) {
  RequestRate rate(4);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(rate.wait_of("a", start), 0);
  EXPECT_NEAR(rate.wait_of("a", start), .25, 1e-9);
  EXPECT_NEAR(rate.wait_of("a", start + milliseconds(100)), .15, 1e-9);
  EXPECT_EQ(rate.wait_of("a", start + milliseconds(250)), 0);
  EXPECT_GT(rate.wait_of("a", start + milliseconds(250)), 0);
  EXPECT_EQ(rate.wait_of("b", start), 0);
}

TEST(RequestRate, MayBeLessThanOneASecond) {
  RequestRate rate(.5);
  EXPECT_EQ(rate.wait_of("a", start), 0);
  EXPECT_NEAR(rate.wait_of("a", start), 2, 1e-9);
  EXPECT_EQ(rate.wait_of("a", start + milliseconds(2000)), 0);
}

TEST(RequestRate, MayBeAny) {
  RequestRate rate(0);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(rate.wait_of("a", start), 0);
}

// However many clients came before, one that is over its rate stays so.
TEST(RequestRate, RemembersWhoIsOverIt) {
  RequestRate rate(1);
  EXPECT_EQ(rate.wait_of("a", start + milliseconds(1900)), 0);
  for (int i = 0; i < 15'000; ++i) rate.wait_of(std::to_string(i), start);
  EXPECT_EQ(rate.wait_of("b", start + milliseconds(2000)), 0);
  EXPECT_GT(rate.wait_of("a", start + milliseconds(2000)), 0);
}

TEST(RequestRate, ForgetsClientsByTheThousand) {
  RequestRate rate(1);
  for (int i = 0; i < 200'000; ++i)
    rate.wait_of("client " + std::to_string(i), start + milliseconds(i));
  EXPECT_LE(rate.clients(), 10'000U);
  EXPECT_GT(rate.clients(), 0U);
}

}  // namespace
}  // namespace submask
