#include "codec/mask_codec.h"

#include <gtest/gtest.h>
#include <limits>

#include "random_mask.h"

namespace submask {
namespace {

constexpr MaskProfile profiles[] = {MaskProfile::plain, MaskProfile::small, MaskProfile::fast};

void expect_round_trip(const RandomMask& mask) {
  for (const MaskProfile profile : profiles) {
    SCOPED_TRACE("profile " + std::to_string(static_cast<int>(profile)));
    const auto coded = encode_mask(profile, mask.block(), mask.bits);
    std::vector<uint8_t> decoded(mask.bits.size(), 0x5A);  // whatever was there before
    ASSERT_TRUE(decode_mask(profile, mask.block(), coded, decoded));
    ASSERT_EQ(decoded, mask.bits);
  }
}

RandomMask mask_of(const MaskShape& shape, WeightKind kind, double density, uint64_t seed) {
  Random random({seed});
  RandomMask mask;
  mask.shape = shape;
  const auto count = static_cast<size_t>(shape.count());
  mask.weights = random_weights(random, kind, count);
  mask.bits = random_bits(random, mask.weights, density, /*by_size=*/false);
  mask.off_share = off_share(mask.bits, count);
  return mask;
}

TEST(MaskCodec, GivesBackEveryShapeDensityAndKindOfWeights) {
  uint64_t seed = 0;
  for (int shape = 0; shape < static_cast<int>(MaskShapeKind::kinds); ++shape)
    for (int kind = 0; kind < static_cast<int>(WeightKind::kinds); ++kind)
      for (const double density : {0.0, 0.001, 0.04, 0.25, 0.5, 0.9, 1.0}) {
        SCOPED_TRACE("seed " + std::to_string(++seed));
        Random random({seed, 1});
        const auto drawn = random_shape(random, static_cast<MaskShapeKind>(shape), 24, 16);
        RandomMask mask = mask_of(drawn, static_cast<WeightKind>(kind), density, seed);
        expect_round_trip(mask);
        mask.parent = mask_of(drawn, static_cast<WeightKind>(kind), 0.3, seed + 1000).bits;
        expect_round_trip(mask);
      }
}

TEST(MaskCodec, GivesBackRandomMasks) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random({seed, 2});
    expect_round_trip(random_mask(random));
  }
}

// More weights than the fast profile sorts at a time, and a last chunk of a few.
TEST(MaskCodec, GivesBackSeveralChunks) {
  for (const int64_t outputs : {1024, 1025, 3000}) {
    RandomMask mask = mask_of({.outputs = outputs, .inputs = 64}, WeightKind::normal, 0.05, 7);
    expect_round_trip(mask);
    mask.parent = mask_of(mask.shape, WeightKind::normal, 0.05, 8).bits;
    expect_round_trip(mask);
  }
}

TEST(MaskCodec, TakesAShareThatIsNotTheBlocksOwn) {
  RandomMask mask = mask_of({.outputs = 40, .inputs = 10}, WeightKind::normal, 0.2, 9);
  for (const uint32_t share : {0U, 1U, 30000U, 65535U, 65536U}) {
    mask.off_share = share;
    expect_round_trip(mask);
  }
}

TEST(MaskCodec, CodesNoMaskMuchLongerThanPacked) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Random random({seed, 4});
    const RandomMask mask = random_mask(random);
    const size_t packed = mask.bits.size();
    EXPECT_LE(encode_mask(MaskProfile::fast, mask.block(), mask.bits).size(), packed + 1) << seed;
    EXPECT_LE(encode_mask(MaskProfile::small, mask.block(), mask.bits).size(),
              packed + packed / 4 + 8)
        << seed;
  }
}

TEST(MaskCodec, AMaskThatIsAllOnTakesNoBytes) {
  const RandomMask mask = mask_of({.outputs = 64, .inputs = 64}, WeightKind::normal, 0, 10);
  EXPECT_TRUE(encode_mask(MaskProfile::fast, mask.block(), mask.bits).empty());
  EXPECT_LE(encode_mask(MaskProfile::small, mask.block(), mask.bits).size(), 1U);
}

TEST(MaskCodec, BlocksAreOfWholeBytesAndAboutAMillionWeights) {
  for (const MaskShape& unit :
       {MaskShape{}, MaskShape{.outputs = 10000000},
        MaskShape{.outputs = 2048, .inputs = 512, .kernel = 9, .kernel_width = 3},
        MaskShape{.outputs = 4096, .inputs = 25088},
        MaskShape{.outputs = 8, .inputs = 1 << 20, .kernel = 49, .kernel_width = 7}}) {
    const int64_t outputs = outputs_per_block(unit), weights = outputs * unit.inputs * unit.kernel;
    EXPECT_GT(outputs, 0);
    EXPECT_EQ(outputs % 8, 0);
    if (outputs > 8) {
      EXPECT_LE(weights, 1 << 20);
      EXPECT_GT(weights, 1 << 19);
    }
  }
}

// Pins the format: these bytes must never change. (codec_round_trips 500 3 prints the digest.)
TEST(MaskCodec, CodesAsVersion1Does) {
  uint64_t digest = 0xCBF29CE484222325ULL;  // FNV-1a
  const auto add = [&](uint8_t byte) { digest = (digest ^ byte) * 0x100000001B3ULL; };
  for (uint64_t i = 0; i < 500; ++i) {
    Random random({3, i});
    const RandomMask mask = random_mask(random);
    for (const MaskProfile profile : profiles) {
      const auto coded = encode_mask(profile, mask.block(), mask.bits);
      for (int byte = 0; byte < 4; ++byte) add(static_cast<uint8_t>(coded.size() >> (8 * byte)));
      for (const uint8_t byte : coded) add(byte);
    }
  }
  EXPECT_EQ(digest, 0xD702DBFD146CAB43ULL);
}

}  // namespace
}  // namespace submask
