// Numbers that people and files write.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace submask {

// The number that the whole text is; nothing where it is no number, or does not fit the type. For a
// whole number in another base than 10 give one more argument, as 8.
template <typename Number, typename... Base>
std::optional<Number> parse_number(std::string_view digits, Base... base) {
  Number number{};
  const char* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, number, base...);
  if (error != std::errc() || end != last) return std::nullopt;
  return number;
}

}  // namespace submask
