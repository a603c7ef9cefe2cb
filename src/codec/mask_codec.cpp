#include "codec/mask_codec.h"

#include <algorithm>
#include <cmath>

#include "codec/bit_coder.h"
#include "codec/gap_coder.h"
#include "codec/mask_model.h"
#include "codec/packed_bits.h"

namespace submask {
namespace {

// About as many weights are in a block, so that a large unit has enough blocks for all cores.
constexpr int64_t block_weights = 1 << 20;

std::vector<uint8_t> encode_small(const MaskBlock& block, std::span<const uint8_t> bits) {
  MaskModel model(block);
  BitEncoder encoder;
  for (size_t i = 0; i < block.weights.size(); ++i) {
    const bool off = (bits[i / 8] >> (i % 8) & 1) == 0;
    encoder.encode(off, model.predict());
    model.learn(off);
  }
  return encoder.finish();
}

bool decode_small(const MaskBlock& block, std::span<const uint8_t> coded, std::span<uint8_t> bits) {
  MaskModel model(block);
  BitDecoder decoder(coded);
  std::fill(bits.begin(), bits.end(), uint8_t{0});
  for (size_t i = 0; i < block.weights.size(); ++i) {
    const bool off = decoder.decode(model.predict());
    model.learn(off);
    if (!off) bits[i / 8] |= static_cast<uint8_t>(1 << i % 8);
  }
  return decoder.at_end();
}

}  // namespace

int64_t outputs_per_block(const MaskShape& unit) {
  const int64_t per_output = std::max<int64_t>(unit.inputs * unit.kernel, 1);
  return std::max<int64_t>(block_weights / per_output / 8, 1) * 8;
}

// The plain profile needs no weights, so it comes before the check for an empty block.
std::vector<uint8_t> encode_mask(MaskProfile profile, const MaskBlock& block,
                                 std::span<const uint8_t> bits) {
  if (profile == MaskProfile::plain) return {bits.begin(), bits.end()};
  if (block.weights.empty()) return {};
  return profile == MaskProfile::small ? encode_small(block, bits) : encode_gaps(block, bits);
}

double price_mask(const MaskBlock& block, std::span<const uint8_t> bits, std::span<float> prices) {
  if (block.weights.empty()) return 0;
  MaskModel model(block);
  double total = 0;
  for (size_t i = 0; i < block.weights.size(); ++i) {
    const bool off = (bits[i / 8] >> (i % 8) & 1) == 0;
    const double off_share = model.predict() / 65536.0;
    const double off_bits = -std::log2(off_share), on_bits = -std::log2(1 - off_share);
    prices[i] = static_cast<float>(off_bits - on_bits);
    total += off ? off_bits : on_bits;
    model.learn(off);
  }
  return total;
}

bool decode_mask(MaskProfile profile, const MaskBlock& block, std::span<const uint8_t> coded,
                 std::span<uint8_t> bits) {
  if (profile == MaskProfile::plain)
    return copy_packed_bits(coded, static_cast<size_t>(block.shape.count()), bits);
  if (block.weights.empty()) return coded.empty();
  return profile == MaskProfile::small ? decode_small(block, coded, bits)
                                       : decode_gaps(coded, block, bits);
}

}  // namespace submask
