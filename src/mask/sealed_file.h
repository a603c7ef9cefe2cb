// Safetensors files whose every byte is covered by a check: task files and cascade files.
//
// __metadata__ has "format", "version", a description (JSON) under a key of the format's own, maybe
// a "signature", and "xxh64" over the description, the tensors' names, dtypes, shapes and bytes,
// and the signature. The rest of the header must be what the writer makes of these parts.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "weights/safetensors.h"

namespace submask {

struct SealedFormat {
  const char* name;             // "submask-task"
  const char* version;          // "3", which is written
  const char* oldest;           // "1", which is still read, as all between
  const char* description_key;  // "task"
  const char* what;             // "task file", for messages
};

inline constexpr SealedFormat task_format{"submask-task", "3", "1", "task", "task file"};
inline constexpr SealedFormat cascade_format{"submask-cascade", "3", "1", "cascade",
                                             "cascade file"};

// Atomically; the same input gives the same bytes. Throws io.
void write_sealed_file(const std::filesystem::path& path, const SealedFormat& format,
                       const std::vector<SafetensorsEntry>& entries, const std::string& description,
                       const std::string& signature = "");

// SHA-256 (hex) of what xxh64 is over, but for the signature: what a signature signs.
std::string sealed_digest(const std::vector<SafetensorsEntry>& entries,
                          const std::string& description);

class SealedFile {
 public:
  // Throws corrupt_file (another format, damage), unsupported_version, io.
  SealedFile(const std::filesystem::path& path, const SealedFormat& format);

  const std::string& path() const { return mapped_.path(); }
  const std::string& version() const { return version_; }
  const std::string& description() const { return description_; }
  const std::string& signature() const { return signature_; }  // empty: none
  // In the order of their bytes, which lie in this object's mapping.
  const std::vector<SafetensorsEntry>& entries() const { return entries_; }

 private:
  MappedFile mapped_;
  std::string version_, description_, signature_;
  std::vector<SafetensorsEntry> entries_;
};

// Whether a file says that it is of this format, which SealedFile then checks. Throws corrupt_file
// for one that is no safetensors file, io.
bool says_format(const std::filesystem::path& path, const SealedFormat& format);

}  // namespace submask
