#include "codec/gap_table.h"

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

namespace submask {
namespace {

constexpr uint64_t one_q32 = uint64_t{1} << 32;

// 2^(-step / 2), as a multiple of 2^-32.
uint64_t probability_q32(int step) {
  constexpr uint64_t root_half = 3037000500;
  return (step % 2 == 0 ? one_q32 : root_half) >> (step / 2);
}

uint64_t multiply_q32(uint64_t a, uint64_t b) { return a * b >> 32; }

// The largest shift for which p * 2^shift is below 1 / 4, else 0. The low bits of a distance are
// then nearly uniform, so that a table would save little.
int shift_for(uint64_t p) {
  int shift = 0;
  while ((p << (shift + 1)) < one_q32 / 4) ++shift;  // p is at least 2^-15
  return shift;
}

}  // namespace

GapTable::GapTable(int step) {
  const uint64_t p = probability_q32(step);
  shift_ = shift_for(p);
  uint64_t all_on = one_q32 - p;  // after the loop: the probability that 2^shift weights are on
  for (int i = 0; i < shift_; ++i) all_on = multiply_q32(all_on, all_on);

  // Every symbol has at least one slot. What rounding leaves over goes to the first or the last
  // symbol, whichever is more frequent.
  uint64_t left = one_q32;
  uint32_t assigned = 0;
  for (uint32_t symbol = 0; symbol < symbols; ++symbol) {
    const uint64_t next = symbol == escape ? 0 : multiply_q32(left, all_on);
    const auto share = static_cast<uint32_t>((left - next) * (slot_count - symbols) >> 32);
    slots_of_[symbol].count = static_cast<uint16_t>(share + 1);
    assigned += share + 1;
    left = next;
  }
  const uint32_t frequent = slots_of_[escape].count > slots_of_[0].count ? escape : 0;
  uint16_t& count = slots_of_[frequent].count;
  count = static_cast<uint16_t>(count + slot_count - assigned);

  uint16_t first = 0;
  for (uint32_t symbol = 0; symbol < symbols; ++symbol) {
    SlotRange& slots = slots_of_[symbol];
    slots.first = first;
    std::fill_n(symbols_.begin() + first, slots.count, static_cast<uint8_t>(symbol));
    first = static_cast<uint16_t>(first + slots.count);
  }
  assert(first == slot_count);
}

struct GapTable::AllSteps {
  std::vector<GapTable> tables;
  AllSteps() {
    for (int step = 0; step != steps; ++step) tables.push_back(GapTable(step));
  }
};

const GapTable& GapTable::for_step(int step) {
  static const AllSteps built;
  assert(step >= 0 && step < steps);
  return built.tables[static_cast<size_t>(step)];
}

uint8_t GapTable::nearest_step(uint64_t off, uint64_t count) {
  assert(off <= count);
  if (off == 0) return steps - 1;
  const uint64_t share = (off << 32) / count;
  uint8_t step = 0;
  while (step < steps - 1 && probability_q32(step) > share) ++step;
  if (step == 0) return 0;
  // The geometric mean of two neighbouring steps is where the nearer one changes.
  return share * share < probability_q32(step - 1) * probability_q32(step)
             ? step
             : static_cast<uint8_t>(step - 1);
}

}  // namespace submask
