// Shell patterns over tensor names: '*' any run of characters (dots included), '?' one character.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace submask {

bool glob_match(std::string_view pattern, std::string_view name);
bool glob_match_any(const std::vector<std::string>& patterns, std::string_view name);

}  // namespace submask
