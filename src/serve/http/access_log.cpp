#include "serve/http/access_log.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "base/fail.h"

namespace submask {
namespace {

constexpr size_t most_lines = 10'000;

// Each line in one write, so that several processes may share a file.
void write_whole(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;  // a full disk must not end the service
    bytes.remove_prefix(static_cast<size_t>(written));
  }
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
              : ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
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
    for (const std::string& line : lines) write_whole(file_, line + "\n");
    if (left_out > 0) write_whole(file_, text("{\"left_out\": ", left_out, "}\n"));
    lock.lock();
  }
}

}  // namespace submask
