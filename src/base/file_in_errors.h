// Errors that say which file they are about.
#pragma once

#include <string>

#include "base/fail.h"

namespace submask {

// Returns what `work` does. Its errors of this kind get ", in FILE" at their end.
template <typename Work>
decltype(auto) with_file_in_errors(ErrorKind kind, const std::string& file, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.kind() != kind) throw;
    fail(kind, error.what(), ", in ", file);
  }
}

}  // namespace submask
