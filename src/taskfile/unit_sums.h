// Sums over mask units, either with bits (UnitMask) or packed (PackedMask; packed_task.h).
#pragma once

#include <cstdint>

namespace submask {

template <typename Units>
int64_t weights_of(const Units& units) {
  int64_t count = 0;
  for (const auto& unit : units) count += unit.count();
  return count;
}

// 0 without units.
template <typename Units>
double masked_fraction_of(const Units& units) {
  int64_t on = 0;
  for (const auto& unit : units) on += unit.on;
  return units.empty() ? 0 : 1.0 - static_cast<double>(on) / static_cast<double>(weights_of(units));
}

}  // namespace submask
