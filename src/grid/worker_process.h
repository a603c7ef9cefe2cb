// Processes that run cells of a grid.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace submask {

// Bytes that workers read from their standard input, in a file in memory without a name.
class WorkerInput {
 public:
  explicit WorkerInput(const std::vector<uint8_t>& bytes);  // throws io
  ~WorkerInput();
  WorkerInput(const WorkerInput&) = delete;
  WorkerInput& operator=(const WorkerInput&) = delete;

  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

struct WorkerProcess {
  pid_t process = 0;
  int output = -1;             // descriptor of a pipe, to read its standard output
  std::string unread;          // the beginning of a line that is not complete yet
  std::optional<size_t> cell;  // the cell that it runs now
};

// Starts this program as a new process, which reads all of `input`. The first word is the program's
// name. Throws io.
WorkerProcess start_worker(const std::vector<std::string>& words, const WorkerInput& input);

// What this process was given as its standard input. Throws io.
std::vector<uint8_t> read_worker_input();

}  // namespace submask
