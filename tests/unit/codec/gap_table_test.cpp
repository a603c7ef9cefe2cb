#include "codec/gap_table.h"

#include <cmath>
#include <gtest/gtest.h>

namespace submask {
namespace {

TEST(GapTable, EverySymbolHasSlotsThatFillTheTable) {
  for (int step = 0; step < GapTable::steps; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    const GapTable& table = GapTable::for_step(step);
    uint32_t begin = 0;
    for (uint32_t symbol = 0; symbol < GapTable::symbols; ++symbol) {
      const auto [count, first] = table.slots_of(symbol);
      EXPECT_EQ(first, begin);
      ASSERT_GT(count, 0U);
      for (uint32_t i = 0; i < count; ++i) ASSERT_EQ(table.symbol_at(begin + i), symbol);
      begin += count;
    }
    EXPECT_EQ(begin, GapTable::slot_count);
  }
}

// Bits a distance costs on average against the entropy of the geometric distribution it stands for.
TEST(GapTable, CostsLittleMoreThanTheEntropy) {
  for (int step = 2; step < GapTable::steps; ++step) {
    const GapTable& table = GapTable::for_step(step);
    const double p = std::exp2(-step / 2.0);
    const double entropy = -std::log2(p) - (1 - p) / p * std::log2(1 - p);
    double bits = 0, weight = p;
    for (uint64_t gap = 0; weight > 1e-12 * p; ++gap, weight *= 1 - p) {
      const uint64_t high = gap >> table.shift(), escapes = high / GapTable::escape;
      const auto cost = [&](uint32_t symbol) {
        return 11 - std::log2(table.slots_of(symbol).count);
      };
      bits += weight * (static_cast<double>(table.shift()) +
                        static_cast<double>(escapes) * cost(GapTable::escape) +
                        cost(static_cast<uint32_t>(high % GapTable::escape)));
    }
    EXPECT_LT(bits, 1.02 * entropy) << "step " << step;
    EXPECT_GT(bits, 0.999 * entropy) << "step " << step;
  }
}

TEST(GapTable, NearestStepIsTheNearestByRatio) {
  EXPECT_EQ(GapTable::nearest_step(0, 100), GapTable::steps - 1);
  EXPECT_EQ(GapTable::nearest_step(100, 100), 0);
  EXPECT_EQ(GapTable::nearest_step(1, uint64_t{1} << 30), GapTable::steps - 1);
  for (uint64_t off = 1; off < 4000; off += 7) {
    const double exact = -2 * std::log2(static_cast<double>(off) / 4000);
    EXPECT_NEAR(GapTable::nearest_step(off, 4000), exact, 0.5001) << off;
  }
}

}  // namespace
}  // namespace submask
