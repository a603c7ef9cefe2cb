// Enumerations by the names that options, files and records have for their values.
//
// An enumeration declares its names beside itself, in the order of its values, which count from 0:
//   enum class Schedule { cosine, constant };
//   constexpr auto names_of(Schedule) { return std::array{"cosine", "constant"}; }
#pragma once

#include <array>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/fail.h"

namespace submask {

template <typename E>
concept Named = std::is_enum_v<E> && requires(E value) {
  names_of(value).size();
};

template <Named E>
std::string name_of(E value) {
  return names_of(value).at(static_cast<size_t>(value));
}

template <Named E>
std::vector<std::string> all_names() {
  const auto names = names_of(E{});
  return {names.begin(), names.end()};
}

// "sgd or adam", "fs, fft or lp"
std::string one_of(const std::vector<std::string>& names);

// None where no value has this name.
template <Named E>
std::optional<E> find_value(const std::string& name) {
  const auto names = names_of(E{});
  for (size_t i = 0; i < names.size(); ++i)
    if (name == names[i]) return static_cast<E>(i);
  return std::nullopt;
}

// How JSON (nlohmann-json) prints it.
template <typename Json, Named E>
void to_json(Json& json, E value) {
  json = name_of(value);
}

// Throws invalid_argument: "expected a schedule (cosine? cosine or constant), got cosin".
[[noreturn]] void fail_no_value(const std::string& kind, const std::string& name,
                                const std::vector<std::string>& names);

// Throws as fail_no_value().
template <Named E>
E value_named(const std::string& name, const std::string& kind) {
  if (const auto value = find_value<E>(name)) return *value;
  fail_no_value(kind, name, all_names<E>());
}

}  // namespace submask
