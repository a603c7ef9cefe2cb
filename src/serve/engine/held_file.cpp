#include "serve/engine/held_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"

namespace submask {

// A pipe is not waited for.
HeldFile::HeldFile(const std::filesystem::path& path)
    : path_(path.string()), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (descriptor_ < 0) fail(ErrorKind::io, "cannot open ", path_, ": ", std::strerror(errno));
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    fail(ErrorKind::io, "expected a file, got another thing, in ", path_);
  }
  constexpr int64_t second = 1'000'000'000;
  mark_ = {static_cast<uint64_t>(status.st_size),
           status.st_mtim.tv_sec * second + status.st_mtim.tv_nsec, status.st_ino};
}

HeldFile::~HeldFile() { ::close(descriptor_); }

// It may have grown since it was opened, and grow meanwhile.
std::optional<std::string> HeldFile::read(uint64_t most_bytes) const {
  if (mark_.bytes > most_bytes) return std::nullopt;
  std::string content(mark_.bytes + 1, '\0');  // one more tells the end
  size_t done = 0;
  while (true) {
    const ssize_t got = ::pread(descriptor_, content.data() + done, content.size() - done,
                                static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(ErrorKind::io, "cannot read ", path_, ": ", std::strerror(errno));
    if (got == 0) break;
    done += static_cast<size_t>(got);
    if (done > most_bytes) return std::nullopt;
    if (done == content.size()) content.resize(std::min(2 * content.size(), most_bytes + 1));
  }
  content.resize(done);
  return content;
}

}  // namespace submask
