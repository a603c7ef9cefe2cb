#include "codec/mask_model.h"

#include <cmath>
#include <gtest/gtest.h>

#include "random_mask.h"

namespace submask {
namespace {

// What the model's own predictions of a mask's bits are worth.
double cross_entropy_bytes(const RandomMask& mask) {
  MaskModel model(mask.block());
  double bits = 0;
  for (size_t i = 0; i < mask.weights.size(); ++i) {
    const bool off = (mask.bits[i / 8] >> (i % 8) & 1) == 0;
    const uint32_t p = model.predict();
    EXPECT_TRUE(p >= 1 && p <= 65535);
    bits -= std::log2((off ? p : 65536 - p) / 65536.0);
    model.learn(off);
  }
  return bits / 8;
}

// A mask as it is learned: a weight is off where its value times the gradient it meets is large.
// The gradient's scale and sign are partly the output channel's, partly the input channel's.
RandomMask learned_mask(float threshold, uint64_t seed) {
  Random random({seed, 40});
  RandomMask mask;
  mask.shape = {.outputs = 48, .inputs = 32, .kernel = 9, .kernel_width = 3};
  const auto count = static_cast<size_t>(mask.shape.count());
  mask.weights = random_weights(random, WeightKind::normal, count);
  const auto noise = random_weights(random, WeightKind::normal, count),
             of_output = random_weights(random, WeightKind::normal, 48),
             of_input = random_weights(random, WeightKind::normal, 32);
  mask.bits.resize(count / 8);
  for (size_t i = 0; i < count; ++i) {
    const float gradient = noise[i] + of_output[i / 9 / 32] + of_input[i / 9 % 32];
    if (mask.weights[i] * gradient < threshold)
      mask.bits[i / 8] = static_cast<uint8_t>(mask.bits[i / 8] | 1 << i % 8);
  }
  mask.off_share = off_share(count_on(mask.bits), static_cast<int64_t>(count));
  return mask;
}

// Bits that nothing tells.
RandomMask chance_mask(double density, uint64_t seed) {
  Random random({seed, 41});
  RandomMask mask;
  mask.shape = {.outputs = 128, .inputs = 64, .kernel = 9, .kernel_width = 3};
  const auto count = static_cast<size_t>(mask.shape.count());
  mask.weights = random_weights(random, WeightKind::normal, count);
  mask.bits = random_bits(random, mask.weights, density, /*by_size=*/false);
  mask.off_share = off_share(count_on(mask.bits), static_cast<int64_t>(count));
  return mask;
}

double coded_bytes(const RandomMask& mask, MaskProfile profile) {
  return static_cast<double>(encode_mask(profile, mask.block(), mask.bits).size());
}

double entropy_bytes(const RandomMask& mask) {
  const double p = mask.off_share / 65536.0, n = static_cast<double>(mask.weights.size());
  return -n * (p * std::log2(p) + (1 - p) * std::log2(1 - p)) / 8;
}

constexpr float thresholds[] = {0.0015F, 0.004F, 0.008F};  // 28 ... 4 % off

TEST(MaskModel, CoderLosesLessThanHalfAPercent) {
  for (const float threshold : thresholds) {
    const RandomMask mask = learned_mask(threshold, 1);
    const double expected = cross_entropy_bytes(mask),
                 coded = coded_bytes(mask, MaskProfile::small);
    EXPECT_LT(coded, 1.005 * expected + 1) << "threshold " << threshold;  // 1: whole bytes
    EXPECT_GT(coded, expected - 1);
  }
}

TEST(MaskModel, LosesLittleWhereThereIsNothingToLearn) {
  for (const double density : {0.04, 0.1, 0.25, 0.5}) {
    const RandomMask mask = chance_mask(density, 2);
    // Learning of each of eleven inputs that it says nothing costs some bytes, however many weights
    // there are.
    EXPECT_LT(coded_bytes(mask, MaskProfile::small), entropy_bytes(mask) + 11 * 4) << density;
  }
}

TEST(MaskModel, LearnsWhatSizesAndNeighboursSay) {
  for (const float threshold : thresholds) {
    RandomMask mask = learned_mask(threshold, 3);
    const double small = coded_bytes(mask, MaskProfile::small),
                 fast = coded_bytes(mask, MaskProfile::fast);
    EXPECT_LT(fast, 0.92 * entropy_bytes(mask)) << "threshold " << threshold;
    EXPECT_LT(small, 0.85 * fast) << "threshold " << threshold;
    for (float& weight : mask.weights) weight = weight > 0 ? 1.0F : -1.0F;  // their signs alone
    EXPECT_LT(small, 0.9 * coded_bytes(mask, MaskProfile::small)) << "threshold " << threshold;
  }
}

TEST(MaskModel, AParentSavesMostOfItsChild) {
  RandomMask mask = learned_mask(0.004F, 4);
  for (const MaskProfile profile : {MaskProfile::small, MaskProfile::fast}) {
    RandomMask child = mask;
    child.parent = mask.bits;
    child.parent[100] ^= 255;
    EXPECT_LT(coded_bytes(child, profile), 0.1 * coded_bytes(mask, profile));
  }
}

}  // namespace
}  // namespace submask
