// What someone may have meant who wrote a name that does not exist.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace submask {

// The known name that takes the fewest changes of single letters (Levenshtein's distance; upper and
// lower case are alike), the first of several; "" where no name is known.
std::string nearest_name(std::string_view wrong, const std::vector<std::string>& known);

// That name, but nothing where more than half of the letters would change.
std::optional<std::string> similar_name(std::string_view wrong,
                                        const std::vector<std::string>& known);

// Throws invalid_argument: fail_unknown("a backbone", "resnt18", names, "submask backbones lists
// them") says "expected a backbone (resnet18? submask backbones lists them), got resnt18". Where no
// known name is similar, "resnet18? " is left out.
[[noreturn]] void fail_unknown(const std::string& expected, std::string_view wrong,
                               const std::vector<std::string>& known,
                               const std::string& where_listed);

}  // namespace submask
