// Finds the weights in folders that people download.
#pragma once

#include <filesystem>
#include <string>

namespace submask {

// The weight file or shard index at `path`, which may be a folder. In a folder it is a safetensors
// file, or a pickle where there is none: the file with a usual name (model.safetensors,
// open_clip_model.safetensors, pytorch_model.bin, ...), or else the only file. In a folder of
// Hugging Face's cache (models--ORG--NAME) the snapshot that refs/main names is searched, or else
// the only snapshot. Throws corrupt_file where there is no such file, and where there are several,
// with their names.
std::filesystem::path find_weights(const std::filesystem::path& path);

// The text of the file `name` in the folder of a weight file or index with a usual name; "" where
// there is none, or where the weights have another name, because then the file may belong to
// anything. Throws corrupt_file for a file of more than 1 MiB.
std::string text_beside(const std::filesystem::path& weights, const std::string& name);

}  // namespace submask
