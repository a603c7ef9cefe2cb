// Lists that keep the order in which their items were first seen.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace submask {

// The item of the list whose key is that of `item`, which joins the list where there is none.
template <typename Item, typename Key>
Item& find_or_add(std::vector<Item>& list, Item item, const Key& key) {
  for (Item& each : list)
    if (key(each) == key(item)) return each;
  return list.emplace_back(std::move(item));
}

// The value that the list has under a name, which joins the list with an empty value where it is
// new.
template <typename Value>
Value& value_named(std::vector<std::pair<std::string, Value>>& list, const std::string& name) {
  return find_or_add(list, std::pair(name, Value()), [](const auto& each) { return each.first; })
      .second;
}

}  // namespace submask
