// Shell patterns for tensor names: '*' matches any characters (dots too), '?' matches one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace submask {

bool glob_match(std::string_view pattern, std::string_view name);
bool glob_match_any(const std::vector<std::string>& patterns, std::string_view name);

}  // namespace submask
