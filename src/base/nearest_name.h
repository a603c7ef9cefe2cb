// What someone may have meant who wrote a name that does not exist.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace submask {

// The name that takes the fewest single changes of letters (Levenshtein's distance, upper and lower
// case alike), the first of several; "" where even that changes more than half of the letters.
std::string similar_name(std::string_view wrong, const std::vector<std::string>& known);

}  // namespace submask
