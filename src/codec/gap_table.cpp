#include "codec/gap_table.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace submask {
namespace {

constexpr uint64_t one = uint64_t{1} << 32;

// 2^(-step / 2) in 2^32nds.
uint64_t probability_q32(int step) {
  constexpr uint64_t root_half = 3037000500;
  return (step % 2 == 0 ? one : root_half) >> (step / 2);
}

uint64_t multiply_q32(uint64_t a, uint64_t b) { return a * b >> 32; }

// A distance's low bits are worth no table as long as skipping 2^shift weights is nearly certain.
int shift_for(uint64_t p) {
  int shift = 0;
  while (shift < 16 && (p << (shift + 1)) < one / 4) ++shift;
  return shift;
}

}  // namespace

GapTable::GapTable(int step) {
  const uint64_t p = probability_q32(step);
  shift_ = shift_for(p);
  uint64_t goes_on = one - p;  // past 2^shift weights
  for (int i = 0; i < shift_; ++i) goes_on = multiply_q32(goes_on, goes_on);

  // Every symbol has a place; what is left over goes to the more frequent one of the two ends.
  uint64_t left = one;
  uint32_t given = 0;
  for (uint32_t symbol = 0; symbol < symbols; ++symbol) {
    const uint64_t next = symbol == escape ? 0 : multiply_q32(left, goes_on);
    const auto share = static_cast<uint32_t>((left - next) * (places - symbols) >> 32);
    places_of_[symbol].count = static_cast<uint16_t>(share + 1);
    given += share + 1;
    left = next;
  }
  uint16_t& end = places_of_[places_of_[escape].count > places_of_[0].count ? escape : 0].count;
  end = static_cast<uint16_t>(end + places - given);

  uint16_t first = 0;
  for (uint32_t symbol = 0; symbol < symbols; ++symbol) {
    places_of_[symbol].first = first;
    const uint16_t count = places_of_[symbol].count;
    std::fill_n(symbols_.begin() + first, count, static_cast<uint8_t>(symbol));
    first = static_cast<uint16_t>(first + count);
  }
}

struct GapTable::All {
  std::vector<GapTable> tables;
  All() {
    for (int step = 0; step < steps; ++step) tables.push_back(GapTable(step));
  }
};

const GapTable& GapTable::of(int step) {
  static const All built;
  return built.tables[static_cast<size_t>(step)];
}

uint8_t GapTable::nearest_step(uint64_t off, uint64_t count) {
  if (off == 0) return steps - 1;
  const uint64_t share = (off << 32) / count;
  uint8_t step = 0;
  while (step < steps - 1 && probability_q32(step) > share) ++step;
  if (step == 0) return 0;
  // Between two of them, the geometric mean is as far from either.
  return share * share < probability_q32(step - 1) * probability_q32(step)
             ? step
             : static_cast<uint8_t>(step - 1);
}

}  // namespace submask
