#include "base/natural_order.h"

#include <algorithm>
#include <cstdint>

namespace submask {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes the digits off the front of `rest` and returns them without leading zeros.
std::string_view take_number(std::string_view& rest) {
  size_t end = 0;
  while (end < rest.size() && is_digit(rest[end])) ++end;
  std::string_view number = rest.substr(0, end);
  number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
  rest.remove_prefix(end);
  return number;
}

}  // namespace

bool NaturalOrder::operator()(std::string_view a, std::string_view b) const {
  const std::string_view whole_a = a, whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const std::string_view number_a = take_number(a), number_b = take_number(b);
      if (number_a.size() != number_b.size()) return number_a.size() < number_b.size();
      if (number_a != number_b) return number_a < number_b;
    } else {
      const auto byte_a = static_cast<uint8_t>(a.front()), byte_b = static_cast<uint8_t>(b.front());
      if (byte_a != byte_b) return byte_a < byte_b;
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  // "a01" and "a1" are equal so far, but not the same name.
  return a.empty() && b.empty() ? whole_a < whole_b : a.empty();
}

}  // namespace submask
