// The fields of a JSON object that other libraries write beside weights. Any may be missing; one of
// another form than asked for is refused by its name.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "base/fail.h"
#include "base/json_text.h"
#include "base/quoted_name.h"

namespace submask {

// The object that a configuration holds; an empty one for what is none, which apply_config()
// refuses.
inline nlohmann::json object_in(const std::string& content) {
  auto object = try_json<nlohmann::json>(content);
  return object.is_object() ? object : nlohmann::json::object();
}

class ConfigFields {
 public:
  using json = nlohmann::json;

  // `file` is what messages call it. Both must outlive this.
  ConfigFields(const json& object, const std::string& file) : object_(object), file_(file) {}

  // Calls visit(field, key) where the object has the field and it is not null.
  void visit(const char* key, const auto& visit) const {
    if (has(key)) visit(object_[key], key);
  }

  bool has(const char* key) const {
    const auto field = object_.find(key);
    return field != object_.end() && !field->is_null();
  }

  // The field, or `otherwise` where there is none.
  bool flag(const char* key, bool otherwise) const {
    if (!has(key)) return otherwise;
    if (!object_[key].is_boolean()) refuse(key, "true or false", object_[key]);
    return object_[key].get<bool>();
  }

  std::string word(const char* key, const std::string& otherwise = "") const {
    if (!has(key)) return otherwise;
    if (!object_[key].is_string()) refuse(key, "a text", object_[key]);
    return object_[key].get<std::string>();
  }

  double positive(const char* key, double otherwise) const {
    if (!has(key)) return otherwise;
    if (!object_[key].is_number() || !(object_[key] > 0))
      refuse(key, "a number above 0", object_[key]);
    return object_[key].get<double>();
  }

  [[noreturn]] void refuse(const char* key, const std::string& expected, const json& got) const {
    // dump() recurses as deep as the value is nested, so nested values are not printed.
    const bool nested = got.is_structured();
    const auto replace = json::error_handler_t::replace;
    fail_corrupt(text(expected, " as ", key),
                 nested ? got.type_name() : shown_name(got.dump(-1, ' ', true, replace)), file_);
  }

  int64_t pixels(const json& value, const char* key) const {
    constexpr int64_t largest_side = 16384;
    if (!value.is_number_integer() || value < 1 || value > largest_side)
      refuse(key, text("1 to ", largest_side, " pixels"), value);
    return value.get<int64_t>();
  }

  double share(const json& value, const char* key) const {
    if (!value.is_number() || !(value > 0 && value <= 1)) refuse(key, "a share in (0, 1]", value);
    return value.get<double>();
  }

  std::array<double, 3> colours(const json& value, const char* key, double above) const {
    const bool three = value.is_array() && value.size() == 3 &&
                       std::all_of(value.begin(), value.end(), [&](const json& item) {
                         return item.is_number() && item > above;
                       });
    if (!three) refuse(key, text("three numbers above ", above), value);
    return value.get<std::array<double, 3>>();
  }

 private:
  const json& object_;
  const std::string& file_;
};

}  // namespace submask
