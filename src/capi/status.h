// The border between C++ and C: no exception crosses it.
#pragma once

#include <cstring>
#include <exception>

#include <submask/submask.h>

#include "base/fail.h"

namespace submask::capi {

// Keeps the exception's line for submask_last_error() and returns its status.
submask_status status_of(const std::exception_ptr& error) noexcept;

// Returns what an exception of `work` says, or SUBMASK_OK.
template <typename Work>
submask_status guarded(const Work& work) noexcept {
  try {
    work();
    return SUBMASK_OK;
  } catch (...) {
    return status_of(std::current_exception());
  }
}

// Throws invalid_argument for a null pointer that must not be one.
inline void expect_pointer(const void* pointer, const char* name) {
  if (pointer == nullptr) fail_argument(name, "a null pointer");
}

// The number of an enumerator that a C caller gave, which may be none of its type's: C++ may not
// read such a value as one.
template <typename Enum>
int number_of(const Enum& value) {
  static_assert(sizeof(Enum) == sizeof(int));
  int number = 0;
  std::memcpy(&number, &value, sizeof number);
  return number;
}

}  // namespace submask::capi
