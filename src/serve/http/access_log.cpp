#include "serve/http/access_log.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/fail.h"

namespace submask {
namespace {

constexpr size_t most_lines = 10'000;

// How much of it was written: a full disk must not end the service, nor a pipe that nobody reads
// its end. Each line is one write, so that several processes may share a file.
size_t written_of(int file, std::string_view bytes, const std::atomic<bool>& is_ending) {
  constexpr int patience_ms = 100;
  if (file < 0) return 0;  // nothing would ever be ready
  size_t done = 0;
  while (done < bytes.size()) {
    pollfd state{file, POLLOUT, 0};
    if (::poll(&state, 1, patience_ms) == 0) {
      if (is_ending) return done;
      continue;
    }
    const size_t part = std::min<size_t>(bytes.size() - done, PIPE_BUF);
    const ssize_t written = ::write(file, bytes.data() + done, part);
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written < 0) return done;
    done += static_cast<size_t>(written);
  }
  return done;
}

// Whether a process that was killed left its last line without an end: the kernel cuts a write
// between two pages.
bool ends_within_line(int log, const std::string& path) {
  struct stat state {};
  if (::fstat(log, &state) != 0 || !S_ISREG(state.st_mode) || state.st_size == 0) return false;
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  char last = '\n';
  const bool is_read = ::pread(file, &last, 1, state.st_size - 1) == 1;
  ::close(file);
  return is_read && last != '\n';
}

}  // namespace

AccessLog::AccessLog(std::string path) : path_(std::move(path)) {
  if (!is_on()) return;
  open();
  if (file_ < 0) fail(ErrorKind::io, "expected to write ", path_, ", got ", std::strerror(errno));
  thread_ = std::thread([this] { run(); });
}

AccessLog::~AccessLog() {
  if (!is_on()) return;
  {
    const std::lock_guard guard(mutex_);
    is_ending_ = true;
    changed_.notify_one();
  }
  thread_.join();
  if (file_ > STDERR_FILENO) ::close(file_);
}

void AccessLog::write(std::string line) {
  const std::lock_guard guard(mutex_);
  if (lines_.size() >= most_lines) {
    ++left_out_;
    return;
  }
  lines_.push_back(std::move(line));
  changed_.notify_one();
}

void AccessLog::reopen() {
  const std::lock_guard guard(mutex_);
  wants_reopen_ = path_ != "-";
}

void AccessLog::open() {
  file_ = path_ == "-"
              ? STDOUT_FILENO
              : ::open(path_.c_str(),
                       O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
  if (path_ != "-" && file_ >= 0) is_cut_ = ends_within_line(file_, path_);
}

// Whether all of it was. What was cut short is ended before the next one.
bool AccessLog::write_line(const std::string& line) {
  const std::string whole = (is_cut_ ? "\n" : "") + line + "\n";
  const size_t done = written_of(file_, whole, is_ending_);
  if (done > 0) is_cut_ = done < whole.size();
  return done == whole.size();
}

void AccessLog::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return is_ending_ || !lines_.empty(); });
    if (lines_.empty()) return;
    const std::deque<std::string> lines = std::exchange(lines_, {});
    const int64_t left_out = std::exchange(left_out_, 0);
    const bool reopens = std::exchange(wants_reopen_, false);
    lock.unlock();
    if (reopens) {
      if (file_ >= 0) ::close(file_);
      open();
    }
    for (const std::string& line : lines) {
      if (write_line(line)) continue;
      ++lost_;
      if (is_ending_) return;  // nobody reads
    }
    lost_ += left_out;
    if (lost_ > 0 && write_line(text("{\"left_out\":", lost_, "}"))) lost_ = 0;
    lock.lock();
  }
}

}  // namespace submask
