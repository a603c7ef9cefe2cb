// The content of a cascade file, as `submask inspect` prints it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cascade/cascade.h"

namespace submask {

// `path` is that of the file, whose size is part of the description.
nlohmann::ordered_json describe(const Cascade& cascade, const std::string& path);

}  // namespace submask
