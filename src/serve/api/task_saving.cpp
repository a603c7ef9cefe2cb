#include "serve/api/task_saving.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <random>
#include <unistd.h>

#include "base/fail.h"
#include "base/quoted_name.h"
#include "serve/api/refusal.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

constexpr const char* taught_ending = ".taught";  // of files that are being saved

// Servers of one folder may have the same process number, each in its container.
fs::path unfinished_path(const fs::path& folder) {
  std::random_device random;
  return folder / text(".", random(), "-", random(), taught_ending);
}

// 0, or the error that says why not. Some file systems lack the one call, some the other.
int move_to_new_name(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (::link(from.c_str(), to.c_str()) != 0) return errno;
  ::unlink(from.c_str());
  return 0;
}

[[noreturn]] void refuse_name(const std::string& name) {
  throw Refusal(409, "expected the name of a new task, got " + quoted_name(name));
}

}  // namespace

void remove_leftovers(const fs::path& folder) {
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(1);
  std::error_code error;
  for (fs::directory_iterator item(folder, error), end; !error && item != end;
       item.increment(error)) {
    const std::string name = item->path().filename().string();
    std::error_code ignored;
    if (name.starts_with('.') && name.find(taught_ending) != std::string::npos &&
        item->is_regular_file(ignored) && item->last_write_time(ignored) < old)
      fs::remove(item->path(), ignored);
  }
}

void check_new_name(const std::string& name, const ServeParts& parts) {
  constexpr size_t longest_name = 200;
  if (name.size() > longest_name || !is_served_name(name + served_endings.back()))
    throw Refusal(
        400, "expected a name of A-Za-z0-9._- without a dot in front, got " + quoted_name(name));
  for (const char* ending : served_endings) {
    std::error_code error;
    if (fs::exists(fs::symlink_status(parts.folder.folder() / (name + ending), error)))
      refuse_name(name);
  }
}

// Never in the place of another task's file, and not through a link of its name: the file is whole
// before it gets its name, which only one can take.
void save_task(Bytes file, const std::string& name, ServeParts& parts) {
  check_new_name(name, parts);
  const auto path = parts.folder.folder() / (name + served_endings.back());
  const auto whole = unfinished_path(parts.folder.folder());
  write_file_atomically(whole, file);
  const int error = move_to_new_name(whole, path);
  if (error != 0) ::unlink(whole.c_str());
  if (error == EEXIST) refuse_name(name);
  if (error != 0)
    fail(ErrorKind::io, "expected to write ", path.string(), ", got ", std::strerror(error));
  try {
    parts.folder.load(name);
  } catch (const Error& failure) {
    if (failure.kind() != ErrorKind::unavailable) throw;  // else it is served once memory is there
  }
}

}  // namespace submask
