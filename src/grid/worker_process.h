// Processes that run cells of a grid.
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace submask {

struct WorkerProcess {
  pid_t process = 0;
  int output = -1;             // descriptor of a pipe, to read its standard output
  std::string unread;          // the beginning of a line that is not complete yet
  std::optional<size_t> cell;  // that it runs
};

// Starts this program as a new process. The first word is the program's name. Throws io.
WorkerProcess start_worker(const std::vector<std::string>& words);

}  // namespace submask
