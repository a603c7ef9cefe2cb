// Files: memory-mapped reading and crash-safe writing. All errors are Error of kind io and name the
// file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/output_file.h"

namespace submask {

using Bytes = std::span<const uint8_t>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A whole file mapped read-only. The bytes stay valid as long as the object; movable, not copyable.
// Reading what another program cut off in the meantime ends the process (SIGBUS): a small file that
// others write is read by read_text_file().
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  Bytes bytes() const { return {data_, size_}; }
  const std::string& path() const { return path_; }

 private:
  void release() noexcept;
  std::string path_;
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

// A whole file, of any bytes.
std::string read_text_file(const std::filesystem::path& path);

// Writes a file such that after any failure there is either the old file or the whole new one. The
// bytes go to PATH.unfinished in the same folder and are synced to disk, and commit() renames it.
// Without commit() (an error, an early return) that file is removed and the old one stays. What a
// killed process left there is overwritten by the next write of the same path; a write that another
// process or thread has begun is waited for. A symbolic link is followed; a folder, device or pipe
// is refused. A file that replaces another one gets its permissions.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(Bytes bytes);
  void commit();

 private:
  std::filesystem::path path_;
  std::string unfinished_;
  int descriptor_ = -1;
};

inline void write_file_atomically(const std::filesystem::path& path, Bytes bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace submask
