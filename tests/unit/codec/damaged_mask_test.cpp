// Whatever the bytes, decoding ends, and stays within what it was given: the buffers are on the
// heap and of exact size, so that the sanitizers see a step outside.
#include <gtest/gtest.h>

#include "random_mask.h"

namespace submask {
namespace {

// Whether it was accepted; the bits after the last weight's are zero then.
bool decodes(MaskProfile profile, const RandomMask& mask, const std::vector<uint8_t>& bytes,
             std::vector<uint8_t>& bits) {
  const std::vector<uint8_t> coded(bytes);
  bits.assign(mask.bits.size(), 0);
  const bool accepted = decode_mask(profile, mask.block(), coded, bits);
  const size_t rest = mask.weights.size() % 8;
  EXPECT_TRUE(!accepted || rest == 0 || bits.back() >> rest == 0);
  return accepted;
}

template <typename Check>
void for_random_masks(uint64_t stream, int count, const Check& check) {
  for (int seed = 0; seed < count; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random({static_cast<uint64_t>(seed), stream});
    const RandomMask mask = random_mask(random);
    for (const MaskProfile profile : all_profiles)
      check(profile, mask, encode_mask(profile, mask.block(), mask.bits), random);
  }
}

TEST(DamagedMask, TruncationsAreRefusedOrOtherBits) {
  for_random_masks(31, 60, [](MaskProfile profile, const RandomMask& mask, auto coded, Random&) {
    std::vector<uint8_t> bits;
    while (!coded.empty()) {
      coded.pop_back();
      EXPECT_FALSE(decodes(profile, mask, coded, bits) && bits == mask.bits);
    }
  });
}

TEST(DamagedMask, FlippedBytesAreRefusedOrOtherBits) {
  for_random_masks(32, 40, [](MaskProfile profile, const RandomMask& mask, auto coded, Random&) {
    std::vector<uint8_t> bits;
    for (uint8_t& byte : coded)
      for (const int flip : {1, 16, 128, 255}) {
        byte = static_cast<uint8_t>(byte ^ flip);
        // The arithmetic coder's last bytes may be any of an interval: profile small says only "as
        // far as it can tell".
        const bool same = decodes(profile, mask, coded, bits) && bits == mask.bits;
        EXPECT_FALSE(same && profile != MaskProfile::small);
        byte = static_cast<uint8_t>(byte ^ flip);
      }
  });
}

// Where no place of the kernel has a weight that is off, all are on, and that has a form of its
// own.
TEST(DamagedMask, GroupsOfNothingAreRefused) {
  RandomMask mask;
  mask.shape = {.outputs = 1, .inputs = 1, .kernel = 9, .kernel_width = 3};
  mask.weights.assign(9, 1.0F);
  mask.bits = {0xFF, 0x01};
  std::vector<uint8_t> coded{63, 0, 0, 0};  // nine groups of two bits
  for (size_t i = 0; i < 6; ++i) coded.push_back(0);
  for (size_t i = 0; i < 9 * 5; ++i)  // nine steps of 30
    if (i % 5 != 0) coded[4 + i / 8] |= static_cast<uint8_t>(1U << i % 8);
  for (const uint8_t byte : {0, 0, 1, 0}) coded.push_back(byte);  // the last state
  std::vector<uint8_t> bits;
  EXPECT_FALSE(decodes(MaskProfile::fast, mask, coded, bits));
}

TEST(DamagedMask, RandomBytesAreDecodedSafely) {
  for_random_masks(33, 400,
                   [](MaskProfile profile, const RandomMask& mask, auto coded, Random& random) {
                     coded.resize(random.below(2 * coded.size() + 20));
                     for (uint8_t& byte : coded) byte = static_cast<uint8_t>(random.next());
                     if (!coded.empty() && random.below(2) == 0)
                       coded[0] &= 15;  // not all of them packed bits
                     std::vector<uint8_t> bits;
                     decodes(profile, mask, coded, bits);
                   });
}

TEST(DamagedMask, OtherWeightsOrParentsAreDecodedSafely) {
  for_random_masks(34, 200, [](MaskProfile profile, RandomMask mask, auto coded, Random& random) {
    mask.weights = random_weights(random, WeightKind::any_bits, mask.weights.size());
    if (mask.parent.empty())
      mask.parent = mask.bits;
    else
      mask.parent.clear();
    std::vector<uint8_t> bits;
    decodes(profile, mask, coded, bits);
  });
}

TEST(DamagedMask, BytesAfterTheLastAreRefused) {
  for_random_masks(35, 200, [](MaskProfile profile, const RandomMask& mask, auto coded, Random&) {
    std::vector<uint8_t> bits;
    coded.insert(coded.end(), 6, uint8_t{0});
    EXPECT_FALSE(decodes(profile, mask, coded, bits));
  });
}

}  // namespace
}  // namespace submask
