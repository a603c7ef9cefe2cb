// What a program is told of while files are fetched.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace submask {

struct FetchHooks {
  // Called again and again while a fetch goes on or waits: for a reply, for its turn, for another
  // process. What it throws ends the fetch, whose bytes stay for the next one.
  std::function<void()> check;
  std::function<void(const std::string& line)> note;
  // Bytes so far and in all; 0 in all: not known. May throw as check().
  std::function<void(const std::string& file, int64_t done, int64_t total)> progress;
};

// Those of this process. A program sets them before its first fetch; all are empty until then.
FetchHooks& fetch_hooks();

inline void tell_of_fetch(const std::string& line) {
  if (fetch_hooks().note) fetch_hooks().note(line);
}

inline void check_fetch() {
  if (fetch_hooks().check) fetch_hooks().check();
}

}  // namespace submask
