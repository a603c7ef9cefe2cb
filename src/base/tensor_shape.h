// Shapes read from files, checked before anything is allocated or multiplied.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "base/checked.h"

namespace submask {

inline constexpr size_t most_dimensions = 64;

// The number of elements of a shape (any range of numbers). Errors show `name`. Throws corrupt_file
// for negative or too large dimensions, also where another one is 0: strides are computed from
// them.
template <typename Shape>
uint64_t count_elements(const Shape& shape, const std::string& name, const std::string& file) {
  constexpr uint64_t most_elements = std::numeric_limits<int64_t>::max();
  if (shape.size() > most_dimensions) {
    fail_corrupt(text("at most ", most_dimensions, " dimensions of ", name), shape.size(), file);
  }
  uint64_t product = 1;
  bool empty = false;
  for (const auto length : shape) {
    const auto value = static_cast<uint64_t>(length);
    if (value > most_elements) fail_corrupt(text("a shape of ", name), "a negative length", file);
    product = checked_multiply(product, std::max<uint64_t>(value, 1), file);
    empty |= value == 0;
  }
  if (product > most_elements) {
    fail_corrupt(text("at most 2^63 - 1 elements of ", name), product, file);
  }
  return empty ? 0 : product;
}

}  // namespace submask
