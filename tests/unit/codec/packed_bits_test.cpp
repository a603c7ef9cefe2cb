#include "codec/packed_bits.h"

#include <array>
#include <gtest/gtest.h>
#include <vector>

namespace submask {
namespace {

TEST(PackedBits, HaveTheFirstWeightInTheLowestBit) {
  const std::vector<uint8_t> bits{0x81, 0x02};
  std::vector<size_t> on;
  for (size_t weight = 0; weight < 16; ++weight)
    if (bit_at(bits, weight)) on.push_back(weight);
  EXPECT_EQ(on, (std::vector<size_t>{0, 7, 9}));
  EXPECT_EQ(count_on(bits), 3);
}

TEST(PackedBits, EndWithZeros) {
  EXPECT_EQ(packed_bytes(8), 1U);
  EXPECT_EQ(packed_bytes(9), 2U);
  EXPECT_EQ(last_byte(8), 0xFF);
  EXPECT_EQ(last_byte(9), 0x01);
  std::array<uint8_t, 2> bits{};
  EXPECT_TRUE(copy_packed_bits(std::array<uint8_t, 2>{0xFF, 0x03}, 10, bits));
  EXPECT_EQ(bits, (std::array<uint8_t, 2>{0xFF, 0x03}));
  EXPECT_FALSE(copy_packed_bits(std::array<uint8_t, 2>{0xFF, 0x04}, 10, bits));
  EXPECT_FALSE(copy_packed_bits(std::array<uint8_t, 3>{0xFF, 0x03, 0}, 10, bits));
}

}  // namespace
}  // namespace submask
