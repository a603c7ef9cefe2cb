// Words in a text.
#pragma once

#include <algorithm>
#include <string_view>

namespace submask {

bool contains_any(std::string_view text, const auto& words) {
  return std::ranges::any_of(
      words, [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

}  // namespace submask
