// Safetensors files whose every byte is covered by a check: task files and cascade files.
//
// __metadata__ has "format", "version", a description (JSON) under a key of the format's own, and
// "xxh64" over the description and the tensors' names, dtypes, shapes and bytes. The rest of the
// header must be what the writer makes of these parts.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "weights/safetensors.h"

namespace submask {

struct SealedFormat {
  const char* name;             // "submask-task"
  const char* version;          // "1"
  const char* description_key;  // "task"
  const char* what;             // "task file", for messages
};

inline constexpr SealedFormat task_format{"submask-task", "1", "task", "task file"};
inline constexpr SealedFormat cascade_format{"submask-cascade", "1", "cascade", "cascade file"};

// Atomically; the same input gives the same bytes. Throws io.
void write_sealed_file(const std::filesystem::path& path, const SealedFormat& format,
                       const std::vector<SafetensorsEntry>& entries,
                       const std::string& description);

class SealedFile {
 public:
  // Throws corrupt_file (another format, damage), unsupported_version, io.
  SealedFile(const std::filesystem::path& path, const SealedFormat& format);

  const std::string& path() const { return mapped_.path(); }
  const std::string& description() const { return description_; }
  // In the order of their bytes, which lie in this object's mapping.
  const std::vector<SafetensorsEntry>& entries() const { return entries_; }

 private:
  MappedFile mapped_;
  std::string description_;
  std::vector<SafetensorsEntry> entries_;
};

// Whether a file says that it is of this format, which SealedFile then checks. Throws corrupt_file
// for one that is no safetensors file, io.
bool says_format(const std::filesystem::path& path, const SealedFormat& format);

}  // namespace submask
