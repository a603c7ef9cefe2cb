// Safetensors files in which any changed byte is noticed: task files and cascade files.
//
// __metadata__ has "format", "version", a description (JSON) under a key that depends on the
// format, maybe a "signature", and "xxh64", a checksum of the description, of the tensors' names,
// dtypes, shapes and bytes, and of the signature. A reader checks that, and that the header is the
// one that the writer makes for these parts.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "safetensors/safetensors.h"

namespace submask {

struct SealedFormat {
  const char* name;             // "submask-task"
  int version;                  // that is written; older ones are read too
  const char* description_key;  // "task"
  const char* kind;             // "task file", for messages
};

inline constexpr SealedFormat task_format{"submask-task", 1, "task", "task file"};
inline constexpr SealedFormat cascade_format{"submask-cascade", 1, "cascade", "cascade file"};

// What a file is made of. The entries' bytes must outlive it.
struct SealedParts {
  std::vector<SafetensorsEntry> entries;  // in the order of their bytes
  std::string description;
  std::string signature;  // empty: none
};

// Writes the file atomically; the same parts give the same bytes. Throws io.
void write_sealed_file(const std::filesystem::path& path, const SealedFormat& format,
                       const SealedParts& parts);
std::vector<uint8_t> sealed_bytes(const SealedFormat& format, const SealedParts& parts);

// Returns the SHA-256 (hex) of the data that xxh64 covers, without the signature. A signature signs
// this digest.
std::string sealed_digest(const SealedParts& parts);

// Returns the parts of a file, which point into `bytes`. `name` stands for the file in errors.
// Throws corrupt_file (another format, damage), unsupported_version.
SealedParts parse_sealed_file(Bytes bytes, const std::string& name, const SealedFormat& format);

// Throws unsupported_version where the list of `needs` in a description names what is not among
// `known`. A writer names there what a reader has to know, beside the fields of the first version,
// to use the file rightly, so that new fields need no new version.
void check_needs(const std::vector<std::string>& needs, std::span<const std::string_view> known,
                 const std::string& file);

// A description has one text for what it says, so that a signature covers all of it and nothing in
// it is read otherwise than it is meant. Throws corrupt_file, by the place in the JSON that
// differs, where `stored` is not the text that is `written` for what was read from it.
void check_description(const std::string& stored, const std::string& written,
                       const std::string& file);

// Whether a file's metadata name this format. The rest of it is not checked. Throws corrupt_file
// for a file that is not safetensors.
bool has_format(Bytes bytes, const std::string& name, const SealedFormat& format);

}  // namespace submask
