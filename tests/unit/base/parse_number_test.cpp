#include "base/parse_number.h"

#include <cstdint>
#include <gtest/gtest.h>

namespace submask {
namespace {

TEST(ParseNumber, TakesTheWholeText) {
  EXPECT_EQ(parse_number<int64_t>("-12"), -12);
  EXPECT_EQ(parse_number<double>("1.5e3"), 1500);
  EXPECT_EQ(parse_number<uint64_t>("17", /*base=*/8), 15U);
  for (const char* text : {"", " 1", "1 ", "1.0", "+1", "ten"})
    EXPECT_EQ(parse_number<int64_t>(text), std::nullopt) << text;
}

TEST(ParseNumber, RefusesWhatDoesNotFit) {
  EXPECT_EQ(parse_number<uint8_t>("255"), 255);
  EXPECT_EQ(parse_number<uint8_t>("256"), std::nullopt);
  EXPECT_EQ(parse_number<uint64_t>("-1"), std::nullopt);
}

}  // namespace
}  // namespace submask
