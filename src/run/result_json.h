// Results as JSON objects, their keys in the order in which people read them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace submask {

using ResultJson = nlohmann::ordered_json;

// One line. What is no UTF-8 in a file's name becomes a question mark.
inline std::string json_line(const ResultJson& result) {
  return result.dump(-1, ' ', false, ResultJson::error_handler_t::replace);
}

}  // namespace submask
