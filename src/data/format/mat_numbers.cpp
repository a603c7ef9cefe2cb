#include "data/format/mat_numbers.h"

#include <bit>
#include <cmath>
#include <limits>

#include "base/fail.h"

namespace submask {
namespace {

double number_at(const uint8_t* stored, NumberType type) {
  uint64_t bits = 0;
  for (uint64_t i = type.bytes; i-- > 0;) bits = bits << 8 | stored[i];
  if (type.kind == NumberType::Kind::floating_point)
    return type.bytes == 8 ? std::bit_cast<double>(bits)
                           : std::bit_cast<float>(static_cast<uint32_t>(bits));
  if (type.kind == NumberType::Kind::unsigned_integer) return static_cast<double>(bits);
  const auto unused_bits = static_cast<int>(64 - 8 * type.bytes);
  return static_cast<double>(static_cast<int64_t>(bits << unused_bits) >> unused_bits);
}

template <typename Small>
void convert(Bytes stored, NumberType type, std::span<Small> out, const std::string& file) {
  constexpr int largest = std::numeric_limits<Small>::max();
  for (size_t i = 0; i < out.size(); ++i) {
    const double number = number_at(&stored[i * type.bytes], type);
    if (!(number >= 0 && number <= largest && number == std::floor(number)))
      fail_corrupt(text("whole numbers of 0 to ", largest), number, file);
    out[i] = static_cast<Small>(number);
  }
}

}  // namespace

void convert_numbers(Bytes stored, NumberType type, std::span<uint8_t> out,
                     const std::string& file) {
  convert(stored, type, out, file);
}

void convert_numbers(Bytes stored, NumberType type, std::span<uint16_t> out,
                     const std::string& file) {
  convert(stored, type, out, file);
}

}  // namespace submask
