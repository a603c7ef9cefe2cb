// Maps that keep the order in which their keys first came.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace submask {

// What stands under a name, put at the end where it is new.
template <typename Value>
Value& place_in_list(std::vector<std::pair<std::string, Value>>& list, const std::string& name) {
  for (auto& [each, value] : list)
    if (each == name) return value;
  return list.emplace_back(name, Value()).second;
}

}  // namespace submask
