// What every reader of foreign files promises, whatever it is fed.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <submask/error.h>

#include "allocation_limit.h"
#include "base/file.h"

namespace submask {

// Runs `read` on a file of these bytes: it ends well or in an Error of kind corrupt_file (or
// `other_kind`, where a file may ask for what it may not have) whose message is one short line, and
// holds at most `factor` times the file's size and 1 MiB. Any other exception ends the process.
template <typename Read>
void check_reader(Bytes bytes, size_t factor, const Read& read,
                  ErrorKind other_kind = ErrorKind::corrupt_file) {
  constexpr size_t small_bytes = size_t{1} << 20;
  constexpr size_t longest_message = 1000;
  const AllocationLimit limit(factor * bytes.size() + small_bytes);
  try {
    read();
  } catch (const Error& error) {
    const std::string message = error.what();
    const bool is_kind = error.kind() == ErrorKind::corrupt_file || error.kind() == other_kind;
    if (!is_kind || message.find('\n') != std::string::npos || message.size() > longest_message) {
      std::fprintf(stderr, "another kind of error: %s\n", message.c_str());
      std::abort();
    }
  }
}

// Reads the first and the last byte, which the address sanitizer checks.
inline void touch(Bytes bytes) {
  if (bytes.empty()) return;
  [[maybe_unused]] static volatile uint8_t sink;
  sink = bytes.front();
  sink = bytes.back();
}

}  // namespace submask
