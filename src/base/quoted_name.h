// Names found in a file, made safe to show: one line, printable, at most 100 characters.
#pragma once

#include <string>
#include <string_view>

namespace submask {

inline std::string shown_name(std::string_view name) {
  constexpr size_t kLongest = 100;
  std::string shown;
  for (const char c : name.substr(0, kLongest)) shown += c >= ' ' && c <= '~' ? c : '?';
  if (name.size() > kLongest) shown += "...";
  return shown;
}

inline std::string quoted_name(std::string_view name) { return "'" + shown_name(name) + "'"; }

}  // namespace submask
