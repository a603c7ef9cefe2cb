#include <algorithm>
#include <array>
#include <bit>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

#include "kernels/mask_kernels.h"
#include "part_orders.h"

namespace submask {
namespace {

// Bit patterns of all kinds of float32: infinities, NaNs, both zeros, denormals, the rest random.
std::vector<float> all_kinds_of_floats(size_t count) {
  std::vector<float> values = {std::numeric_limits<float>::infinity(),
                               -std::numeric_limits<float>::infinity(),
                               std::numeric_limits<float>::quiet_NaN(),
                               0.0F,
                               -0.0F,
                               std::numeric_limits<float>::denorm_min(),
                               std::bit_cast<float>(0x7FA12345U),
                               std::bit_cast<float>(0x807FFFFFU)};
  std::mt19937 random(6);
  while (values.size() < count)
    values.push_back(std::bit_cast<float>(static_cast<uint32_t>(random())));
  values.resize(count);
  std::ranges::shuffle(values, random);
  return values;
}

TEST(PackedBits, GiveTheProductOfEachWeightToTheBit) {
  const std::vector<float> theta = all_kinds_of_floats(300001);
  std::mt19937 random(7);
  std::vector<uint8_t> bits(theta.size() / 8 + 1);
  for (uint8_t& byte : bits) byte = static_cast<uint8_t>(random());
  for (const int64_t count : {1, 7, 8, 9, 1023, 1024, 1025, 16383, 16391, 39990, 262149, 299990}) {
    for (const int64_t start : {0, 1, 4, 11}) {
      for (const float off : {0.0F, -1.5F}) {
        std::vector<float> weight(static_cast<size_t>(count + start) + 1, 42.0F);
        kernels::materialise_packed(one_part, 1.5F, off, &theta[start], bits.data(), &weight[start],
                                    count);
        for (int64_t i = 0; i < count; ++i) {
          const float expected = (bits[i / 8] >> (i % 8) & 1 ? 1.5F : off) * theta[start + i];
          ASSERT_EQ(std::bit_cast<uint32_t>(weight[start + i]), std::bit_cast<uint32_t>(expected))
              << "weight " << i << " of " << count << " from " << start;
        }
        EXPECT_EQ(weight.back(), 42.0F) << "written past the end";
      }
    }
  }
}

}  // namespace
}  // namespace submask
