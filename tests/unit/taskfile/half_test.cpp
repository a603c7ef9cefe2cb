#include "base/half.h"

#include <cmath>
#include <gtest/gtest.h>

namespace submask {
namespace {

// Every float16 is a float32, and comes back; NaNs stay NaNs.
TEST(Half, EveryNumberComesBack) {
  for (uint32_t half = 0; half < 65536; ++half) {
    const auto bits = static_cast<uint16_t>(half);
    const float value = half_to_float(bits);
    const int exponent = static_cast<int>(half >> 10 & 31);
    const double fraction = half & 1023, sign = half < 32768 ? 1 : -1;
    if (exponent == 31 && fraction > 0) {
      ASSERT_TRUE(std::isnan(value));
      ASSERT_GT(float_to_half(value) & 0x7FFF, 0x7C00);
      continue;
    }
    const double expected = exponent == 31  ? INFINITY
                            : exponent == 0 ? std::ldexp(fraction, -24)
                                            : std::ldexp(1024 + fraction, exponent - 25);
    ASSERT_EQ(value, static_cast<float>(sign * expected)) << half;
    ASSERT_EQ(std::signbit(value), half >= 32768);
    ASSERT_EQ(float_to_half(value), bits);
  }
}

// Between two neighbours the nearer one, and of equally near ones the even one.
TEST(Half, RoundsToNearestEven) {
  for (uint16_t half = 0; half < 0x7BFF; ++half) {
    const float low = half_to_float(half), high = half_to_float(static_cast<uint16_t>(half + 1));
    const float middle = low + (high - low) / 2;
    const auto even = static_cast<uint16_t>(half + (half & 1));
    ASSERT_EQ(float_to_half(middle), even) << half;
    ASSERT_EQ(float_to_half(std::nextafter(middle, low)), half) << half;
    ASSERT_EQ(float_to_half(std::nextafter(middle, high)), half + 1) << half;
    ASSERT_EQ(float_to_half(-middle), even | 0x8000) << half;
  }
  EXPECT_EQ(float_to_half(65519.996F), 0x7BFF);
  EXPECT_EQ(float_to_half(65520), 0x7C00);
  EXPECT_EQ(float_to_half(3e38F), 0x7C00);
  EXPECT_EQ(float_to_half(-INFINITY), 0xFC00);
}

TEST(BFloat16, RoundsToNearestEven) {
  EXPECT_EQ(float_to_bfloat16(1), 0x3F80);
  EXPECT_EQ(float_to_bfloat16(1 + 0x1p-8F), 0x3F80);
  EXPECT_EQ(float_to_bfloat16(1 + 0x1p-8F + 0x1p-20F), 0x3F81);
  EXPECT_EQ(float_to_bfloat16(1 + 3 * 0x1p-8F), 0x3F82);
  EXPECT_EQ(float_to_bfloat16(3.4e38F), 0x7F80);
  EXPECT_EQ(float_to_bfloat16(-NAN) & 0x7FFF, 0x7FC0);
  for (uint32_t value = 0; value < 0x7F80; ++value)
    ASSERT_EQ(float_to_bfloat16(bfloat16_to_float(static_cast<uint16_t>(value))), value);
}

}  // namespace
}  // namespace submask
