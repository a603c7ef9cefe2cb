// The version of this build.
#pragma once

namespace submask {

const char* version();  // "0.2.0", or "0.2.0-dev" before it is released
const char* commit();   // the first 12 digits of its commit, or "unknown"

}  // namespace submask
