// The parts of a list in one text.
#pragma once

#include <sstream>
#include <string>
#include <string_view>

namespace submask {

// "a, b, c". The parts are anything that a stream prints.
template <typename Parts>
std::string joined(const Parts& parts, std::string_view separator = ", ") {
  std::ostringstream all;
  std::string_view before;
  for (const auto& part : parts) {
    all << before << part;
    before = separator;
  }
  return all.str();
}

}  // namespace submask
