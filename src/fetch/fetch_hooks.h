// What a program is told of while files are fetched.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace submask {

struct FetchHooks {
  std::function<void(const std::string& line)> note;
  // Bytes so far and in all; 0 in all: not known. An exception of it ends the fetch, whose bytes
  // stay for the next one.
  std::function<void(const std::string& file, int64_t done, int64_t total)> progress;
};

// Those of this process. A program sets them before its first fetch; both are empty until then.
FetchHooks& fetch_hooks();

}  // namespace submask
