// The index of a checkpoint in several files, as Hugging Face's libraries write it:
// {"metadata": {...}, "weight_map": {TENSOR: FILE}}. The files lie in the folder of the index.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace submask {

struct ShardIndex {
  std::map<std::string, std::vector<std::string>> shards;  // names of tensors, by file name
};

// By the name: "*.index.json".
bool is_shard_index(const std::filesystem::path& path);

// True for the name of a file in the same folder: without a folder, and not "..".
bool is_plain_name(const std::string& name);

// Throws corrupt_file for another form, no tensors, a shard that is missing or outside the folder,
// and an index of more than 4 MiB.
ShardIndex read_shard_index(const std::filesystem::path& path);

}  // namespace submask
