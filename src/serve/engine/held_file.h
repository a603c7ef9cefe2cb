// A file that stays readable as it was when it was opened, also after another one took its place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
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
  std::string read() const;                       // all of it, as it is now; throws io

 private:
  std::string path_;
  int descriptor_;
  FileMark mark_;
};

}  // namespace submask
