#include "codec/bit_coder.h"

#include <gtest/gtest.h>
#include <vector>

#include "base/random.h"

namespace submask {
namespace {

struct CodedBit {
  bool bit;
  uint32_t probability;
};

std::vector<uint8_t> encode(const std::vector<CodedBit>& coded) {
  BitEncoder encoder;
  for (const auto [bit, probability] : coded) encoder.encode(bit, probability);
  return encoder.finish();
}

void expect_decodes(const std::vector<uint8_t>& bytes, const std::vector<CodedBit>& coded) {
  BitDecoder decoder(bytes);
  for (size_t i = 0; i < coded.size(); ++i)
    ASSERT_EQ(decoder.decode(coded[i].probability), coded[i].bit) << "bit " << i;
  EXPECT_TRUE(decoder.at_end());
}

TEST(BitCoder, GivesBackBitsOfAnyProbability) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random({seed});
    std::vector<CodedBit> coded(random.below(400));
    for (auto& [bit, probability] : coded) {
      constexpr uint32_t extremes[] = {1, 65535, 32768};
      probability = seed % 2 == 0 ? extremes[random.below(3)]
                                  : 1 + static_cast<uint32_t>(random.below(65535));
      bit = random.below(65536) < probability;
    }
    expect_decodes(encode(coded), coded);
  }
}

TEST(BitCoder, CodesTheUnlikely) {
  const std::vector<CodedBit> ones(50, {true, 1}), zeros(50, {false, 65535});
  expect_decodes(encode(ones), ones);
  expect_decodes(encode(zeros), zeros);
  EXPECT_NEAR(static_cast<double>(encode(zeros).size()), 50 * 16 / 8, 3);
  EXPECT_TRUE(encode(ones).empty());  // the lowest number of all, whose zeros the decoder supplies
}

// After these two bits the bounds are 0x6060FFFF and 0x6160FFFF, whose first byte is not decided.
TEST(BitCoder, WaitsWhereTheFirstBytesDifferByOneBit) {
  std::vector<CodedBit> coded{{true, 24929}, {false, 64863}};
  Random random({1});
  for (int i = 0; i < 100; ++i) coded.push_back({random.below(2) == 1, 32768});
  expect_decodes(encode(coded), coded);
}

TEST(BitCoder, NothingTakesNoBytes) {
  EXPECT_TRUE(encode({}).empty());
  expect_decodes({}, {});
}

TEST(BitCoder, SeesBytesThatNoEncoderWrites) {
  std::vector<uint8_t> bytes = encode({{true, 30000}, {false, 1000}});
  bytes.insert(bytes.end(), {1, 2, 3, 4});
  BitDecoder longer(bytes);
  longer.decode(30000);
  longer.decode(1000);
  EXPECT_FALSE(longer.at_end());
  const std::vector<uint8_t> zero = {0};
  EXPECT_FALSE(BitDecoder(zero).at_end());
}

}  // namespace
}  // namespace submask
