// Which submask this is.
#pragma once

namespace submask {

const char* version();  // "0.1.0"
const char* commit();   // the commit it was built from, 12 digits, or "unknown"

}  // namespace submask
