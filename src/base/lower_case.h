// ASCII letters as small ones.
#pragma once

#include <cctype>
#include <string>
#include <string_view>

namespace submask {

inline std::string lower_case(std::string_view text) {
  std::string small(text);
  for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return small;
}

}  // namespace submask
