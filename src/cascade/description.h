// The content of a cascade file, as `submask inspect` prints it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "cascade/cascade.h"

namespace submask {

// `file_bytes` is the size of the file, which is part of the description.
nlohmann::ordered_json describe(const Cascade& cascade, int64_t file_bytes);

}  // namespace submask
