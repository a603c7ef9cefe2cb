// Safetensors files in which any changed byte is noticed: task files and cascade files.
//
// __metadata__ has "format", "version", a description (JSON) under a key that depends on the
// format, maybe a "signature", and "xxh64", a checksum of the description, of the tensors' names,
// dtypes, shapes and bytes, and of the signature. A reader checks that, and that the header is the
// one that the writer makes for these parts.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "weights/safetensors.h"

namespace submask {

struct SealedFormat {
  const char* name;             // "submask-task"
  const char* version;          // "3", the version that is written
  const char* oldest;           // "1", the oldest version that is read
  const char* description_key;  // "task"
  const char* kind;             // "task file", for messages
};

inline constexpr SealedFormat task_format{"submask-task", "3", "1", "task", "task file"};
inline constexpr SealedFormat cascade_format{"submask-cascade", "3", "1", "cascade",
                                             "cascade file"};

// Writes the file atomically; the same input gives the same bytes. Throws io.
void write_sealed_file(const std::filesystem::path& path, const SealedFormat& format,
                       const std::vector<SafetensorsEntry>& entries, const std::string& description,
                       const std::string& signature = "");

// Returns the SHA-256 (hex) of the data that xxh64 covers, without the signature. A signature signs
// this digest.
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
  // In the order of their bytes, which this object keeps mapped.
  const std::vector<SafetensorsEntry>& entries() const { return entries_; }

 private:
  MappedFile mapped_;
  std::string version_, description_, signature_;
  std::vector<SafetensorsEntry> entries_;
};

// Whether the file's metadata name this format. The file's content is not checked. Throws
// corrupt_file for a file that is not safetensors, and io.
bool has_format(const std::filesystem::path& path, const SealedFormat& format);

}  // namespace submask
