// The border between C++ and C: no exception crosses it.
#pragma once

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

}  // namespace submask::capi
