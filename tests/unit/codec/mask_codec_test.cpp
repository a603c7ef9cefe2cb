#include "codec/mask_codec.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <utility>

#include "coded_digest.h"
#include "random_mask.h"

namespace submask {
namespace {

void expect_round_trip(const RandomMask& mask) {
  for (const MaskProfile profile : all_profiles) {
    SCOPED_TRACE(testing::Message() << "profile " << static_cast<int>(profile));
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
  mask.off_share = off_share(count_on(mask.bits), static_cast<int64_t>(count));
  return mask;
}

TEST(MaskShape, OfATensorIsItsSizes) {
  const auto numbers = [](const std::vector<int64_t>& sizes) {
    const MaskShape shape = mask_shape(sizes);
    return std::vector{shape.outputs, shape.inputs, shape.kernel, shape.kernel_width};
  };
  EXPECT_EQ(numbers({7}), (std::vector<int64_t>{7, 1, 1, 1}));
  EXPECT_EQ(numbers({7, 5}), (std::vector<int64_t>{7, 5, 1, 1}));
  EXPECT_EQ(numbers({7, 5, 3}), (std::vector<int64_t>{7, 5, 3, 3}));
  EXPECT_EQ(numbers({7, 5, 3, 2}), (std::vector<int64_t>{7, 5, 6, 2}));
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
    const RandomMask mask = random_mask(random);
    expect_round_trip(mask);
    expect_round_trip(with_empty_places(random, mask));
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

TEST(MaskCodec, PricesAreOfTheBytesThatItTakes) {
  for (const double density : {0.02, 0.1, 0.5}) {
    const RandomMask mask = mask_of({40, 30, 9, 3}, WeightKind::normal, density, 3);
    std::vector<float> prices(mask.weights.size());
    const double bits = price_mask(mask.block(), mask.bits, prices);
    const auto coded = encode_mask(MaskProfile::small, mask.block(), mask.bits);
    EXPECT_NEAR(bits / 8, static_cast<double>(coded.size()), 4 + bits / 8 / 1000) << density;
    double sum = 0;
    for (const float price : prices) sum += price;
    // Bits at random cost what their share says, and what the model takes for patterns.
    const double expected = std::log2((1 - density) / density);
    EXPECT_NEAR(sum / static_cast<double>(prices.size()), expected, 0.1 + 0.15 * expected);
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

// Where only some places of the kernel are ever off, `fast` codes these alone, and `small` soon
// expects it.
TEST(MaskCodec, EmptyPlacesOfTheKernelCostNearlyNothing) {
  RandomMask mask = mask_of({.outputs = 64, .inputs = 64, .kernel = 9, .kernel_width = 3},
                            WeightKind::equal, 0.1, 11);
  RandomMask middle = mask_of({.outputs = 64, .inputs = 64}, WeightKind::equal, 0.1, 12);
  for (size_t i = 0; i < mask.weights.size(); ++i) {
    const bool on = i % 9 != 4 || (middle.bits[i / 9 / 8] >> (i / 9 % 8) & 1) != 0;
    const auto bit = static_cast<uint8_t>(1 << i % 8);
    mask.bits[i / 8] = static_cast<uint8_t>(on ? mask.bits[i / 8] | bit : mask.bits[i / 8] & ~bit);
  }
  mask.off_share = off_share(count_on(mask.bits), std::ssize(mask.weights));
  expect_round_trip(mask);
  for (const MaskProfile profile : {MaskProfile::small, MaskProfile::fast}) {
    const size_t alone = encode_mask(profile, middle.block(), middle.bits).size();
    EXPECT_LE(encode_mask(profile, mask.block(), mask.bits).size(), alone + alone / 8);
  }
}

// Pins the format: these bytes must never change.
uint64_t digest_of_random_masks(bool empty_places) {
  CodedDigest digest;
  for (uint64_t i = 0; i < 500; ++i) {
    Random random({3, i});
    RandomMask mask = random_mask(random);
    if (empty_places) mask = with_empty_places(random, std::move(mask));
    for (const MaskProfile profile : all_profiles)
      digest.add(encode_mask(profile, mask.block(), mask.bits));
  }
  return digest.value();
}

TEST(MaskCodec, CodesAsItDid) {
  EXPECT_EQ(digest_of_random_masks(/*empty_places=*/false), 0x3DBD1617B39FA019ULL);
  EXPECT_EQ(digest_of_random_masks(/*empty_places=*/true), 0x86D9BF68D0239DFCULL);
}

}  // namespace
}  // namespace submask
