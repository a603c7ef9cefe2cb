// A file that stays readable as it was when it was opened, also after another one took its place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace submask {

// By which a changed file is told without reading it.
struct FileMark {
  uint64_t bytes = 0;
  int64_t changed = 0;  // time of change, ns
  uint64_t inode = 0;
  bool operator==(const FileMark&) const = default;
};

class HeldFile {
 public:
  // Throws io, also for what is no regular file.
  explicit HeldFile(const std::filesystem::path& path);
  ~HeldFile();
  HeldFile(const HeldFile&) = delete;
  HeldFile& operator=(const HeldFile&) = delete;

  const FileMark& mark() const { return mark_; }  // when it was opened

  // All of it, as it is now, or nothing where it has more bytes than that. Throws io.
  std::optional<std::string> read(uint64_t most_bytes) const;

 private:
  std::string path_;
  int descriptor_;
  FileMark mark_;
};

}  // namespace submask
