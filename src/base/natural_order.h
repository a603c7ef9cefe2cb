// The order people expect of numbered names: runs of digits by their value, all else by its bytes,
// so that "class2" comes before "class10".
#pragma once

#include <string_view>

namespace submask {

struct NaturalOrder {
  bool operator()(std::string_view a, std::string_view b) const;
};

}  // namespace submask
