// A child process that answers lines with lines, for what cannot be measured in this one.
#pragma once

#include <cstdio>
#include <string>
#include <sys/types.h>
#include <vector>

namespace submask::bench {

class ChildProcess {
 public:
  // Starts arguments[0], found by PATH. Throws std::runtime_error.
  explicit ChildProcess(const std::vector<std::string>& arguments);
  ~ChildProcess();  // closes its input and waits for its end
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Writes a line and waits for one; throws std::runtime_error where the child ended instead.
  std::string ask(const std::string& line);

 private:
  pid_t pid_ = -1;
  std::FILE* input_ = nullptr;
  std::FILE* output_ = nullptr;
};

}  // namespace submask::bench
