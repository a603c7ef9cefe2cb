// Arrays for the sweeps. They begin at any address, and what lies behind them must stay.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <gtest/gtest.h>
#include <vector>

#include "base/random.h"

namespace submask {

// Around the widths of vectors, a byte of bits and the block of 16384, with odd tails.
constexpr std::array<int64_t, 22> sweep_sizes = {
    0,  1,   2,     7,     8,     9,     15,    16,    17,    31,    33,
    64, 127, 16383, 16384, 16385, 16391, 32767, 32768, 32769, 49161, 100003};

template <typename Value>
class SweepArray {
 public:
  SweepArray(int64_t count, int64_t offset)
      : values_(static_cast<size_t>(offset + count + guard_size), guard),
        offset_(offset),
        count_(count) {}

  Value* data() { return values_.data() + offset_; }
  const Value* data() const { return values_.data() + offset_; }
  Value& operator[](int64_t i) { return data()[i]; }
  const Value& operator[](int64_t i) const { return data()[i]; }
  int64_t size() const { return count_; }
  std::vector<Value> content() const { return {data(), data() + count_}; }

  // Whether nothing was written before the first element or after the last.
  bool is_intact_around() const {
    const auto is_guard = [](Value value) { return value == guard; };
    return std::all_of(values_.begin(), values_.begin() + offset_, is_guard) &&
           std::all_of(values_.end() - guard_size, values_.end(), is_guard);
  }

 private:
  static constexpr Value guard = 77;
  static constexpr int64_t guard_size = 40;
  std::vector<Value> values_;
  int64_t offset_, count_;
};

using Floats = SweepArray<float>;
using Flags = SweepArray<uint8_t>;

// In [-2, 2).
inline Floats random_floats(Random random, int64_t count, int64_t offset = 0) {
  Floats values(count, offset);
  for (int64_t i = 0; i < count; ++i) values[i] = static_cast<float>(4 * random.uniform() - 2);
  return values;
}

// 0 or 1.
inline Flags random_flags(Random random, int64_t count, int64_t offset = 0) {
  Flags flags(count, offset);
  for (int64_t i = 0; i < count; ++i) flags[i] = static_cast<uint8_t>(random.below(2));
  return flags;
}

}  // namespace submask
