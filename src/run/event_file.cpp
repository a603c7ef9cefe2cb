#include "run/event_file.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/output_file.h"
#include "run/event_encoding.h"
#include "run/tf_record.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail_writing(const fs::path& path) {
  const int error = errno;
  fail(ErrorKind::io, "cannot write ", path.string(), ": ", std::strerror(error));
}

// Seconds since 1970.
double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

}  // namespace

EventFile::EventFile(const fs::path& folder) {
  make_folder(folder);
  const std::string name = text("events.out.tfevents.", static_cast<int64_t>(now()), ".",
                                host_name(), ".", ::getpid(), ".");
  // The last number makes the names of files different that a process creates in the same second.
  for (int64_t number = 0; descriptor_ < 0; ++number) {
    path_ = folder / (name + std::to_string(number));
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && errno != EEXIST) fail_writing(path_);
  }
  try {
    append(version_event(now()));
  } catch (...) {
    ::close(descriptor_);
    ::unlink(path_.c_str());
    throw;
  }
}

EventFile::~EventFile() { ::close(descriptor_); }

void EventFile::restart(int64_t step) { append(restart_event(now(), step)); }

void EventFile::add(int64_t step, const Scalars& scalars) {
  append(scalars_event(now(), step, scalars));
}

void EventFile::append(const std::string& event) {
  const std::string record = tf_record(event);
  for (size_t done = 0; done < record.size();) {
    const ssize_t written = ::write(descriptor_, record.data() + done, record.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      // If this fails too, readers still see that the record is cut short.
      [[maybe_unused]] const int cut = ::ftruncate(descriptor_, size_);
      errno = error;
      fail_writing(path_);
    }
    done += static_cast<size_t>(written);
  }
  size_ += std::ssize(record);
}

}  // namespace submask
