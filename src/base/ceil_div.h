// Quotients of whole numbers, rounded up.
#pragma once

namespace submask {

// For count >= 0 and size > 0.
template <typename Number>
constexpr Number ceil_div(Number count, Number size) {
  return (count + size - 1) / size;
}

}  // namespace submask
