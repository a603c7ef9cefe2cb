// Checks that the parts of a cascade fit together.
#pragma once

#include <string>

#include "cascade/cascade.h"

namespace submask {

// Checks that members have one backbone and preprocessing and no heads, that tensors are finite and
// have the shapes that cascade.h states, that the router can be used, and that heads are for the
// cascade's classes. Throws corrupt_file, naming `file`.
void check_cascade(const Cascade& cascade, const std::string& file);

}  // namespace submask
