// Processes that run cells of a grid.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace submask {

// One of them, and the cell that it is at.
struct WorkerProcess {
  pid_t process = 0;
  int output = -1;
  std::string unread;  // of its output, short of a line
  std::string cell;
};

// Runs this program with `words`, the first of which is its name, its output readable at `output`.
// Throws Error io.
WorkerProcess start_worker(const std::vector<std::string>& words);

}  // namespace submask
