// The lines of a text, whichever system wrote it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace submask {

// Calls visit(line, number) for each line, without its line feed and the carriage return before
// it; numbers begin at 1.
template <typename Visit>
void visit_lines(std::string_view text, const Visit& visit) {
  for (int64_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    visit(line, number);
  }
}

}  // namespace submask
