// Short ways to throw submask::Error, so that a check reads as one line where it is made.
#pragma once

#include <sstream>
#include <string>

#include <submask/error.h>

namespace submask {

template <typename... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

template <typename... Parts>
[[noreturn]] void fail(ErrorKind kind, const Parts&... parts) {
  throw Error(kind, text(parts...));
}

// "expected ..., got ..., in FILE" for a file that is not what it should be.
template <typename Expected, typename Got>
[[noreturn]] void fail_corrupt(const Expected& expected, const Got& got, const std::string& file) {
  fail(ErrorKind::corrupt_file, "expected ", expected, ", got ", got, ", in ", file);
}

// "expected ..., got ..." for a request that cannot be met.
template <typename Expected, typename Got>
[[noreturn]] void fail_argument(const Expected& expected, const Got& got) {
  fail(ErrorKind::invalid_argument, "expected ", expected, ", got ", got);
}

}  // namespace submask
