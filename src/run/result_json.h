// Results as JSON objects, with their keys in an order for readers.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace submask {

using ResultJson = nlohmann::ordered_json;

// The JSON in one line. Bytes of file names that are not UTF-8 become U+FFFD.
inline std::string json_line(const ResultJson& result) {
  return result.dump(-1, ' ', false, ResultJson::error_handler_t::replace);
}

}  // namespace submask
