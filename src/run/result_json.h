// Results as JSON objects, with their keys in an order for readers.
#pragma once

#include <nlohmann/json.hpp>

#include "base/json_text.h"

namespace submask {

using ResultJson = nlohmann::ordered_json;

}  // namespace submask
