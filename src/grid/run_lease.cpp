#include "grid/run_lease.h"

#include <atomic>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/output_file.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

[[noreturn]] void fail_io(const char* action, const fs::path& path) {
  fail(ErrorKind::io, "cannot ", action, " ", path.string(), ": ", std::strerror(errno));
}

// Returns "" where there is no such file.
std::string content_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string link_text(const char* path) {
  std::error_code ignored;
  return fs::read_symlink(path, ignored).string();
}

// Returns when a process started, in clock ticks since the machine started; "" where there is no
// such process. The start tells a process from a later one with the same number.
std::string start_of(pid_t process) {
  std::string stat = content_of(text("/proc/", process, "/stat"));
  const size_t name_end = stat.rfind(')');  // the name may have spaces
  if (name_end == std::string::npos) return "";
  std::istringstream fields(stat.substr(name_end + 1));
  std::string field;
  for (int number = 3; number <= 22; ++number) fields >> field;  // 22 is starttime (proc(5))
  return field;
}

// Names the start of the machine and the namespace of process numbers (each container has one).
// A process can tell whether another one lives only where this name is the same for both.
const std::string& process_namespace() {
  static const std::string name = [] {
    std::string boot = content_of("/proc/sys/kernel/random/boot_id");
    std::erase(boot, '\n');
    return boot + link_text("/proc/self/ns/pid");
  }();
  return name;
}

// The words of a lease: namespace, process, its start, its job ("-": none) and the count.
std::string this_process(const std::string& job) {
  return text(process_namespace(), ' ', getpid(), ' ', start_of(getpid()), ' ',
              job.empty() ? "-" : job);
}

bool is_of_job(const std::string& holder, const std::string& job) {
  std::istringstream fields(holder);
  std::string field;
  for (int number = 1; number <= 4; ++number) fields >> field;
  return !job.empty() && field == job;
}

// Whether the process that a lease names has ended; false where this process cannot see it.
bool is_known_gone(const std::string& holder) {
  std::istringstream fields(holder);
  std::string holder_namespace, start;
  pid_t process = 0;
  if (!(fields >> holder_namespace >> process >> start) || holder_namespace != process_namespace())
    return false;
  return start_of(process) != start;
}

fs::path unique_beside(const fs::path& path, const char* kind) {
  static std::atomic<uint64_t> next{0};
  return text(path.string(), '.', kind, '.', std::hash<std::string>()(process_namespace()), '.',
              getpid(), '.', next++);
}

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

RunLease::RunLease(fs::path path, int descriptor, std::string holder, double renew_seconds)
    : path_(std::move(path)),
      descriptor_(descriptor),
      holder_(std::move(holder)),
      renewing_([this, renew_seconds] { keep_renewing(renew_seconds); }) {
  assert(descriptor_ >= 0 && !holder_.empty());
}

RunLease::~RunLease() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ended_.notify_all();
  renewing_.join();
  if (!lost()) unlink(path_.c_str());
  close(descriptor_);
}

bool RunLease::lost() const {
  struct stat own_file {
  }, current_file{};
  return fstat(descriptor_, &own_file) != 0 || stat(path_.c_str(), &current_file) != 0 ||
         own_file.st_ino != current_file.st_ino;
}

void RunLease::renew() {
  const std::lock_guard lock(mutex_);
  const std::string content = text(holder_, ' ', ++count_, '\n');
  // If this fails, the lease is just not renewed this time.
  [[maybe_unused]] const auto written = pwrite(descriptor_, content.data(), content.size(), 0);
}

void RunLease::keep_renewing(double seconds) {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return ending_; })) {
    lock.unlock();
    renew();
    lock.lock();
  }
}

LeaseFolder::LeaseFolder(fs::path folder, LeaseOptions options)
    : folder_(std::move(folder)), options_(std::move(options)) {
  if (!options_.now) options_.now = steady_seconds;
  make_folder(folder_);
}

std::unique_ptr<RunLease> LeaseFolder::take(const std::string& name) {
  assert(!name.empty() && name.find('/') == std::string::npos);
  const fs::path path = folder_ / (name + ".lease");
  const std::string found = content_of(path);
  if (!found.empty()) {
    if (!is_dead(name, found)) return nullptr;
    remove_dead(path, found);
  }
  const fs::path new_file = unique_beside(path, "new");
  const int descriptor = open(new_file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0) fail_io("write", new_file);
  const std::string holder = this_process(options_.job), content = holder + " 0\n";
  const bool written = pwrite(descriptor, content.data(), content.size(), 0) == std::ssize(content);
  const bool taken = written && link(new_file.c_str(), path.c_str()) == 0;
  const int reason = errno;
  unlink(new_file.c_str());
  if (!taken) close(descriptor);
  errno = reason;
  if (!written) fail_io("write", new_file);
  if (!taken && reason != EEXIST) fail_io("write", path);
  if (!taken) return nullptr;
  seen_.erase(name);
  return std::unique_ptr<RunLease>(new RunLease(path, descriptor, holder, options_.renew_seconds));
}

bool LeaseFolder::is_held(const std::string& name) {
  const std::string content = content_of(folder_ / (name + ".lease"));
  return !content.empty() && !is_dead(name, content);
}

bool LeaseFolder::is_dead(const std::string& name, const std::string& content) {
  if (is_known_gone(content) || is_of_job(content, options_.job)) return true;
  Sighting& sighting = seen_[name];
  if (sighting.content != content) sighting = {content, options_.now()};
  return options_.now() - sighting.since > options_.patience_seconds;
}

// Another process may have taken the dead lease over just before. Then the renamed file is the
// lease of that process, and is put back.
void LeaseFolder::remove_dead(const fs::path& path, const std::string& content) const {
  const fs::path dead = unique_beside(path, "dead");
  if (rename(path.c_str(), dead.c_str()) != 0) return;
  if (content_of(dead) != content) {
    [[maybe_unused]] const int put_back = link(dead.c_str(), path.c_str());
  }
  unlink(dead.c_str());
}

}  // namespace submask
