// The order that people expect for numbered names: digits are compared by the value of the number,
// other characters by their bytes, so that "class2" comes before "class10".
#pragma once

#include <string_view>

namespace submask {

struct NaturalOrder {
  bool operator()(std::string_view a, std::string_view b) const;
};

}  // namespace submask
