#include <bit>
#include <cmath>
#include <limits>

#include "part_orders.h"
#include "sweep_values.h"

namespace submask {
namespace {

struct Scales {
  float on, off;
};
constexpr std::array<Scales, 3> mask_and_flips = {{{1.5F, 0}, {1, -1}, {0.75F, -0.75F}}};

// As many bytes as hold the flags. The bits behind the last one are set, which must not matter.
Flags packed(const Flags& on, int64_t offset = 0) {
  Flags bits((on.size() + 7) / 8, offset);
  for (int64_t i = 0; i < bits.size() * 8; ++i) {
    if (i % 8 == 0) bits[i / 8] = 0;
    if (i >= on.size() || on[i] != 0) bits[i / 8] |= static_cast<uint8_t>(1U << (i % 8));
  }
  return bits;
}

Floats materialised(const Scales& scales, const Floats& theta, const Flags& on,
                    const kernels::ParallelFor& parallel_for = one_part, int64_t offset = 0) {
  Floats weight(theta.size(), offset);
  kernels::materialise(parallel_for, scales.on, scales.off, theta.data(), on.data(), weight.data(),
                       theta.size());
  EXPECT_TRUE(weight.is_intact_around()) << theta.size();
  return weight;
}

Floats materialised_packed(const Scales& scales, const Floats& theta, const Flags& bits,
                           const kernels::ParallelFor& parallel_for = one_part,
                           int64_t offset = 0) {
  Floats weight(theta.size(), offset);
  kernels::materialise_packed(parallel_for, scales.on, scales.off, theta.data(), bits.data(),
                              weight.data(), theta.size());
  EXPECT_TRUE(weight.is_intact_around()) << theta.size();
  return weight;
}

// The same bits, so that 0 and -0 differ.
void expect_same_bits(const Floats& got, const Floats& expected, const char* sweep) {
  for (int64_t i = 0; i < expected.size(); ++i)
    ASSERT_EQ(std::bit_cast<uint32_t>(got[i]), std::bit_cast<uint32_t>(expected[i]))
        << sweep << ": " << got[i] << " for " << expected[i] << " at " << i << " of "
        << expected.size();
}

Floats one_by_one(const Scales& scales, const Floats& theta, const Flags& on) {
  Floats weight(theta.size(), 0);
  for (int64_t i = 0; i < theta.size(); ++i)
    weight[i] = on[i] != 0 ? scales.on * theta[i] : scales.off * theta[i];
  return weight;
}

TEST(Materialise, EqualsTheProductsOneByOne) {
  for (const int64_t count : sweep_sizes)
    for (const int64_t offset : {0, 1, 3})
      for (const Scales& scales : mask_and_flips) {
        const Floats theta = random_floats(Random({1}), count, offset);
        const Flags on = random_flags(Random({2}), count, offset);
        const Floats expected = one_by_one(scales, theta, on);
        expect_same_bits(materialised(scales, theta, on, one_part, 2 * offset), expected, "bytes");
        expect_same_bits(
            materialised_packed(scales, theta, packed(on, offset), one_part, 2 * offset), expected,
            "packed");
      }
}

// Large arrays are written past the cache, by instructions that ask for whole vectors.
TEST(Materialise, WritesLargeArraysAtAnyAddress) {
  constexpr int64_t count = (1 << 18) + 3;
  const Floats theta = random_floats(Random({6}), count);
  const Flags on = random_flags(Random({7}), count);
  const Scales scales{1.5F, 0};
  const Floats expected = one_by_one(scales, theta, on);
  for (int64_t offset = 0; offset < 16; ++offset)
    expect_same_bits(materialised_packed(scales, theta, packed(on), one_part, offset), expected,
                     "packed");
}

// A masked weight keeps its sign, as it does in ATen's product with a mask.
TEST(Materialise, KeepsTheSignOfZero) {
  Floats theta(11, 0);
  Flags on(11, 0);
  for (int64_t i = 0; i < 11; ++i) {
    theta[i] = i % 3 == 0 ? -2.0F : i % 3 == 1 ? 3.0F : -0.0F;
    on[i] = static_cast<uint8_t>(i == 5 ? 1 : 0);
  }
  const Scales mask{1.5F, 0};
  for (const Floats& weight :
       {materialised(mask, theta, on), materialised_packed(mask, theta, packed(on))})
    for (int64_t i = 0; i < 11; ++i) {
      EXPECT_EQ(weight[i], 0) << i;
      EXPECT_EQ(std::signbit(weight[i]), i % 3 != 1) << i;
    }
}

TEST(Materialise, TakesAllOnAndAllOff) {
  const Floats theta = random_floats(Random({3}), 16'391);
  for (const uint8_t flag : {0, 1}) {
    Flags on(theta.size(), 0);
    std::fill_n(on.data(), theta.size(), flag);
    const Scales scales{2, 0.5F};
    Floats expected(theta.size(), 0);
    for (int64_t i = 0; i < theta.size(); ++i) expected[i] = (flag != 0 ? 2 : 0.5F) * theta[i];
    expect_same_bits(materialised(scales, theta, on), expected, "bytes");
    expect_same_bits(materialised_packed(scales, theta, packed(on)), expected, "packed");
  }
}

TEST(Materialise, DoesNotDependOnTheParts) {
  const Floats theta = random_floats(Random({4}), 100'003);
  const Flags on = random_flags(Random({5}), theta.size());
  for (const PartOrder& order : other_orders())
    for (const Scales& scales : mask_and_flips) {
      const Floats expected = one_by_one(scales, theta, on);
      expect_same_bits(materialised(scales, theta, on, order.parallel_for), expected, order.name);
      expect_same_bits(materialised_packed(scales, theta, packed(on), order.parallel_for), expected,
                       order.name);
    }
}

}  // namespace
}  // namespace submask
