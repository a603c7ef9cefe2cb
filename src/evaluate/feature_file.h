// A file of features: safetensors whose metadata name what they are of and hold a checksum.
//
//   values   F32 [N, D]
//   labels   I64 [N]
//   skipped  U8 [bytes]   names of images that did not decode, each ended by a zero byte
//   __metadata__  format: "submask-features 1", key, xxh64: of the three tensors' bytes in this
//   order
#pragma once

#include <filesystem>
#include <string>

#include <submask/evaluate.h>

namespace submask {

// Enters feature_key() too: files of another version are never asked for.
inline constexpr const char* feature_file_format = "submask-features 1";

// Atomically. Throws io.
void write_feature_file(const std::filesystem::path& path, const std::string& key,
                        const Features& features);

// Tensors may share the file's mapping. Throws corrupt_file for a file of another kind or key, or a
// damaged one; io.
Features read_feature_file(const std::filesystem::path& path, const std::string& key,
                           int64_t width);

}  // namespace submask
