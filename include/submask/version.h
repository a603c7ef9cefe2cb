// The version of this build.
#pragma once

namespace submask {

const char* version();  // "0.1.0"
const char* commit();   // the first 12 digits of its commit, or "unknown"

}  // namespace submask
