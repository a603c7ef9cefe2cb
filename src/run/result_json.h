// Results as JSON objects, their keys in the order in which people read them.
#pragma once

#include <nlohmann/json.hpp>

#include "base/json_text.h"

namespace submask {

using ResultJson = nlohmann::ordered_json;

}  // namespace submask
