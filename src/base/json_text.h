// JSON as text, and what files say in it by the names of enumerations.
#pragma once

#include <string>

#include "base/names.h"
#include "base/quoted_name.h"

namespace submask {

// One line. Bytes that are no UTF-8, as a file's name may have them, become question marks.
template <typename Json>
std::string json_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
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
