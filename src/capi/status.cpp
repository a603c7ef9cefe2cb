#include "capi/status.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <new>

#include <submask/version.h>

#include "base/utf8.h"

namespace submask::capi {
namespace {

// Of a fixed size, so that telling of lost memory needs none.
thread_local std::array<char, 2048> last_error{};

submask_status tell(submask_status status, const char* line) noexcept {
  std::snprintf(last_error.data(), last_error.size(), "%s", line);
  // One line of UTF-8, whatever a name or a path holds.
  char* const end = last_error.data() + std::strlen(last_error.data());
  for (char* c = last_error.data(); c < end;) {
    const size_t length = utf8_length({c, end});
    if (length == 0 || *c == 0x7F || (*c > 0 && *c < ' ')) *c = '?';
    c += std::max<size_t>(length, 1);
  }
  return status;
}

submask_status status_of(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::invalid_argument:
      return SUBMASK_INVALID_ARGUMENT;
    case ErrorKind::corrupt_file:
      return SUBMASK_CORRUPT_FILE;
    case ErrorKind::unsupported_version:
      return SUBMASK_UNSUPPORTED_VERSION;
    case ErrorKind::io:
      return SUBMASK_IO;
    case ErrorKind::unavailable:
      return SUBMASK_UNAVAILABLE;
    case ErrorKind::interrupted:
    case ErrorKind::stopped:
      break;
  }
  return SUBMASK_INTERNAL;
}

}  // namespace

submask_status status_of(const std::exception_ptr& error) noexcept {
  try {
    std::rethrow_exception(error);
  } catch (const Error& known) {
    return tell(status_of(known.kind()), known.what());
  } catch (const std::bad_alloc&) {
    return tell(SUBMASK_OUT_OF_MEMORY, "expected memory for this task, got none");
  } catch (const std::exception& unknown) {
    return tell(SUBMASK_INTERNAL, unknown.what());
  } catch (...) {
    return tell(SUBMASK_INTERNAL, "expected no exception, got one of an unknown kind");
  }
}

}  // namespace submask::capi

const char* submask_version(void) { return submask::version(); }

const char* submask_last_error(void) { return submask::capi::last_error.data(); }
