// JSON as text, and what files say in it by the names of enumerations.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "base/names.h"
#include "base/quoted_name.h"

namespace submask {

// One line. Bytes that are no UTF-8, as a file's name may have them, become question marks.
template <typename Json>
std::string json_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The bytes of JSON as text within JSON, as a task file has its description.
template <typename Json>
int64_t bytes_within_json(const Json& value) {
  return std::ssize(json_text(Json(json_text(value))));
}

// What takes memory many times its letters, told without parsing.
struct JsonExtent {
  int depth = 0;         // of brackets
  size_t composite = 0;  // lists, objects and their named members
};

inline JsonExtent extent_of(std::string_view json) {
  JsonExtent extent;
  int depth = 0;
  bool in_text = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      ++extent.composite;
      extent.depth = std::max(extent.depth, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ':') {
      ++extent.composite;
    }
  }
  return extent;
}

// Whether brackets are nested deeper than files have them: printing and copying of JSON recurse.
inline bool is_too_deep(std::string_view json) {
  constexpr int deepest = 64;
  return extent_of(json).depth > deepest;
}

// Parses what a file says. Throws corrupt_file for what is nested deeper than 64 levels, and what
// nlohmann-json throws for what is no JSON.
template <typename Json>
Json parse_json(std::string_view json, const std::string& file) {
  if (is_too_deep(json)) fail_corrupt("JSON of at most 64 levels", "more", file);
  return Json::parse(json);
}

// What a stranger's file or server says; discarded where it is no JSON, or nested deeper than that:
// each level takes memory many times its letter.
template <typename Json>
Json try_json(std::string_view json) {
  if (is_too_deep(json)) return Json(Json::value_t::discarded);
  return Json::parse(json, /*cb=*/nullptr, /*allow_exceptions=*/false);
}

// The place of a value in which two documents differ, as "preprocessing.input_size"; empty where
// they are the same. `place` is that of the documents themselves.
template <typename Json>
std::string first_difference(const Json& expected, const Json& got,
                             const std::string& place = "the whole") {
  if (!expected.is_object() || !got.is_object()) return expected == got ? "" : place;
  const std::string prefix = place == "the whole" ? "" : place + ".";
  for (const auto& [key, value] : got.items()) {
    const auto same = expected.find(key);
    if (same == expected.end()) return prefix + key;
    if (auto inner = first_difference(*same, value, prefix + key); !inner.empty()) return inner;
  }
  for (const auto& [key, value] : expected.items())
    if (!got.contains(key)) return prefix + key;
  return "";
}

// Throws corrupt_file for a name that no value has: "expected a profile: small, fast or plain, got
// 'tiny', in FILE"; and what nlohmann-json throws for a value that is no text.
template <Named E, typename Json>
E value_in_file(const Json& name, const std::string& kind, const std::string& file) {
  const auto value = find_value<E>(name.template get<std::string>());
  if (!value)
    fail_corrupt(kind + ": " + one_of(all_names<E>()),
                 quoted_name(name.template get<std::string>()), file);
  return *value;
}

}  // namespace submask
