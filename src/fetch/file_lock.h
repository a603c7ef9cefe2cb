// A lock between processes.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "base/fail.h"
#include "base/output_file.h"
#include "fetch/fetch_hooks.h"

namespace submask {

// Held by one process as long as the object lives; another one waits, and says so. Folders above
// the file are made. huggingface_hub takes the same lock of a file. What fetch_hooks().check throws
// ends the wait.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& path) {
    do {
      close();
      make_folder(path.parent_path());
      descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
      if (descriptor_ < 0 && errno != ENOENT)
        fail(ErrorKind::io, "cannot open ", path.string(), ": ", std::strerror(errno));
      if (descriptor_ >= 0) wait(path);
    } while (!is_at(path));
  }
  ~FileLock() { close(); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  void wait(const std::filesystem::path& path) {
    bool is_told = false;
    while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR)
        fail(ErrorKind::io, "cannot lock ", path.string(), ": ", std::strerror(errno));
      if (!std::exchange(is_told, true))
        tell_of_fetch("waiting for another process: " + path.string());
      try {
        check_fetch();
      } catch (...) {
        close();
        throw;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  // Whoever had the lock before may have removed the file.
  bool is_at(const std::filesystem::path& path) const {
    struct stat held {
    }, there{};
    return descriptor_ >= 0 && ::fstat(descriptor_, &held) == 0 &&
           ::stat(path.c_str(), &there) == 0 && held.st_ino == there.st_ino &&
           held.st_dev == there.st_dev;
  }

  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }

  int descriptor_ = -1;
};

}  // namespace submask
