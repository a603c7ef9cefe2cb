// Where weights lie in the folders that people download.
#pragma once

#include <filesystem>
#include <string>

namespace submask {

// The weight file or shard index that `path` means. A file means itself. In a folder it is the
// safetensors file or, without any, the pickle: the one of a usual name (model.safetensors,
// open_clip_model.safetensors, pytorch_model.bin, ...), else the only one. A folder of Hugging
// Face's cache (models--ORG--NAME) means the snapshot that refs/main names, else its only one.
// Throws corrupt_file: none, or several, which it names.
std::filesystem::path find_weights(const std::filesystem::path& path);

// The text of `name` beside a weight file or index that bears one of the usual names, as in a
// folder of Hugging Face's: beside another, a config.json may belong to anything. "" without one;
// throws corrupt_file for one of more than 1 MiB.
std::string text_beside(const std::filesystem::path& weights, const std::string& name);

}  // namespace submask
