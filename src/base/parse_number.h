// Numbers that people and files write.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace submask {

// The whole of `digits` as a number; nothing where it is none or does not fit. `base` is one
// number, of whole numbers alone: 10 unless it is given.
template <typename Number, typename... Base>
std::optional<Number> parse_number(std::string_view digits, Base... base) {
  Number number{};
  const char* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, number, base...);
  if (error != std::errc() || end != last) return std::nullopt;
  return number;
}

}  // namespace submask
