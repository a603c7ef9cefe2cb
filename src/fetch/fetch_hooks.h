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

inline void tell_of_fetch(const FetchHooks& hooks, const std::string& line) {
  if (hooks.note) hooks.note(line);
}

// Those of this process. A program sets them before its first fetch; both are empty until then.
FetchHooks& fetch_hooks();

}  // namespace submask
