// Whether the parts of a cascade go together.
#pragma once

#include <string>

#include "cascade/cascade.h"

namespace submask {

// Members of one backbone and preprocessing, without heads; tensors of the shapes that cascade.h
// states, finite; a usable router; heads for the classes. Throws corrupt_file, naming `file`.
void check_cascade(const Cascade& cascade, const std::string& file);

}  // namespace submask
