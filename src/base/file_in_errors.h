// Errors that say which file they are about.
#pragma once

#include <string>

#include "base/fail.h"

namespace submask {

// Returns what `work` does. Its errors of this kind get ", in FILE" at their end, where they do not
// name the file yet, with or without a line of it. `file` may be "FILE, line N".
template <typename Work>
decltype(auto) with_file_in_errors(ErrorKind kind, const std::string& file, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    const std::string message = error.what(), file_named = ", in " + file;
    if (error.kind() != kind || message.ends_with(file_named) ||
        message.find(file_named + ", line ") != std::string::npos)
      throw;
    fail(kind, message, file_named);
  }
}

}  // namespace submask
