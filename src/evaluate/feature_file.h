// A file of features: safetensors whose metadata hold the key of the features and a checksum.
//
//   values   F32 [N, D]
//   labels   I64 [N]
//   skipped  U8 [bytes]   names of images that did not decode, each with a zero byte behind it
//   __metadata__  format: "submask-features 1", key, xxh64 (of the three tensors in this order)
#pragma once

#include <filesystem>
#include <string>

#include <submask/evaluate.h>

namespace submask {

// A part of feature_key() too, so that nobody asks for files of another version.
inline constexpr const char* feature_file_format = "submask-features 1";

// Atomically. Throws io.
void write_feature_file(const std::filesystem::path& path, const std::string& key,
                        const Features& features);

// The tensors may share the file's mapping. Throws corrupt_file for a damaged file and for one of
// another kind or with another key; io.
Features read_feature_file(const std::filesystem::path& path, const std::string& key,
                           int64_t width);

}  // namespace submask
