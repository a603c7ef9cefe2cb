#include "base/file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/fail.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail_io(const char* action, const fs::path& path) {
  const int error = errno;
  fail(ErrorKind::io, "cannot ", action, " ", path.string(), ": ", std::strerror(error));
}

// Closes the descriptor at the end of its scope.
struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

void sync_folder(const fs::path& folder) {
  const Descriptor descriptor{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  // Some file systems refuse to sync a folder; the rename itself has happened either way.
  if (descriptor.value >= 0) ::fsync(descriptor.value);
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// The file that a write to `path` changes: a symbolic link stays and what it names is written. Only
// a regular file may be replaced, so that no device or pipe is lost.
fs::path resolve_output(fs::path path) try {
  constexpr int most_links = 40;  // as Linux has it
  for (int i = 0; i < most_links && fs::is_symlink(path); ++i) {
    const fs::path target = fs::read_symlink(path);
    path = target.is_absolute() ? target : folder_of(path) / target;
  }
  const fs::file_status status = fs::status(path);
  if (fs::is_directory(status))
    fail(ErrorKind::io, "cannot write ", path.string(), ": it is a folder");
  if (fs::exists(status) && !fs::is_regular_file(status))
    fail(ErrorKind::io, "cannot write ", path.string(), ": it is no regular file");
  return path;
} catch (const fs::filesystem_error& error) {
  fail(ErrorKind::io, "cannot write ", error.path1().string(), ": ", error.code().message());
}

// Only what a killed write of this user has left is overwritten: another file of that name, a link
// to one or another user's file stays as it is.
void check_own(int descriptor, const std::string& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) fail_io("write", path);
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1 || status.st_uid != ::geteuid())
    fail(ErrorKind::io, "cannot write ", path, ": it is another file");
}

// A regular file, open for reading.
struct InputFile {
  explicit InputFile(const fs::path& path)
      : descriptor{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)} {
    if (descriptor.value < 0) fail_io("open", path);
    struct stat status {};
    if (::fstat(descriptor.value, &status) != 0) fail_io("read", path);
    if (!S_ISREG(status.st_mode))
      fail_corrupt("a regular file", S_ISDIR(status.st_mode) ? "a folder" : "another kind of file",
                   path.string());
    size = static_cast<size_t>(status.st_size);
  }

  Descriptor descriptor;
  size_t size = 0;
};

bool names_file(const std::string& path, int descriptor) {
  struct stat named {};
  struct stat opened {};
  return ::stat(path.c_str(), &named) == 0 && ::fstat(descriptor, &opened) == 0 &&
         named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

}  // namespace

MappedFile::MappedFile(const fs::path& path) : path_(path.string()) {
  const InputFile file(path);
  size_ = file.size;
  if (size_ == 0) return;
  void* address = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.descriptor.value, 0);
  if (address == MAP_FAILED) fail_io("map", path);
  data_ = static_cast<const uint8_t*>(address);
}

MappedFile::~MappedFile() { release(); }

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this != &other) {
    release();
    path_ = std::move(other.path_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void MappedFile::release() noexcept {
  if (data_ != nullptr) ::munmap(const_cast<uint8_t*>(data_), size_);
  data_ = nullptr;
}

std::string read_text_file(const fs::path& path) {
  const InputFile file(path);
  std::string content(file.size, '\0');
  size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = ::read(file.descriptor.value, content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_io("read", path);
    if (got == 0) break;  // cut by another program
    size += static_cast<size_t>(got);
  }
  content.resize(size);
  return content;
}

// The lock tells a write that goes on from one whose process was killed. File systems without locks
// are written without one.
AtomicFile::AtomicFile(const fs::path& path)
    : path_(resolve_output(path)), unfinished_(path_.string() + ".unfinished") {
  for (;;) {
    Descriptor file{::open(unfinished_.c_str(),
                           O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666)};
    // Through no link.
    if (file.value < 0) fail_io("write", errno == ELOOP ? fs::path(unfinished_) : path);
    while (::flock(file.value, LOCK_EX) != 0 && errno == EINTR) {
    }
    // Whoever held the lock has renamed or removed the file in the meantime, or it is this one.
    if (!names_file(unfinished_, file.value)) continue;
    check_own(file.value, unfinished_);
    if (::ftruncate(file.value, 0) != 0) fail_io("write", path);
    descriptor_ = std::exchange(file.value, -1);
    return;
  }
}

// The name goes before the lock does, so that nobody else's file is removed.
AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::unlink(unfinished_.c_str());
  ::close(descriptor_);
}

void AtomicFile::write(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_io("write", path_);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
}

void AtomicFile::commit() {
  // What replaces a file may be read and written by whom that one could be.
  struct stat old {};
  if (::stat(path_.c_str(), &old) == 0) ::fchmod(descriptor_, old.st_mode & 0777);
  if (::fsync(descriptor_) != 0) fail_io("write", path_);
  if (::rename(unfinished_.c_str(), path_.c_str()) != 0) fail_io("write", path_);
  ::close(std::exchange(descriptor_, -1));
  sync_folder(folder_of(path_));
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail(ErrorKind::io, "cannot create folder ", folder.string(), ": ", error.message());
}

void check_writable(const fs::path& path) {
  make_folder(folder_of(path));
  const AtomicFile probe(path);
}

void write_output(const std::filesystem::path& path, std::string_view content) {
  write_file_atomically(path, as_bytes(content));
}

}  // namespace submask
