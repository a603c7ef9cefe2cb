#include "grid/worker_process.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fail.h"

namespace submask {

WorkerInput::WorkerInput(const std::vector<uint8_t>& bytes)
    : descriptor_(memfd_create("submask-cells", MFD_CLOEXEC)) {
  for (size_t written = 0; descriptor_ >= 0 && written < bytes.size();) {
    const ssize_t count = write(descriptor_, bytes.data() + written, bytes.size() - written);
    if (count > 0) {
      written += static_cast<size_t>(count);
    } else if (errno != EINTR) {
      close(descriptor_);
      descriptor_ = -1;
    }
  }
  if (descriptor_ < 0) fail(ErrorKind::io, "cannot hand cells to workers: ", std::strerror(errno));
}

WorkerInput::~WorkerInput() { close(descriptor_); }

std::vector<uint8_t> read_worker_input() {
  std::vector<uint8_t> bytes;
  uint8_t block[65536];
  for (ssize_t count; (count = read(STDIN_FILENO, block, sizeof block)) != 0;) {
    if (count > 0)
      bytes.insert(bytes.end(), block, block + count);
    else if (errno != EINTR)
      fail(ErrorKind::io, "cannot read standard input: ", std::strerror(errno));
  }
  return bytes;
}

WorkerProcess start_worker(const std::vector<std::string>& words, const WorkerInput& input) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    fail(ErrorKind::io, "cannot make a pipe: ", std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  // Opened and not inherited, so that each worker reads it from its beginning.
  const std::string input_path = "/proc/self/fd/" + std::to_string(input.descriptor());
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input_path.c_str(), O_RDONLY, 0);
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  WorkerProcess worker;
  const int failed =
      posix_spawn(&worker.process, "/proc/self/exe", &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (failed != 0) {
    close(ends[0]);
    fail(ErrorKind::io, "cannot start a worker: ", std::strerror(failed));
  }
  worker.output = ends[0];
  return worker;
}

}  // namespace submask
