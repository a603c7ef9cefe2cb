#include <algorithm>
#include <memory>
#include <string_view>

#include <submask/weight_file.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/quoted_name.h"
#include "safetensors/safetensors.h"
#include "weights/safetensors_tensors.h"
#include "weights/shard_index.h"
#include "weights/tensor_tree.h"
#include "weights/torch_archive.h"
#include "weights/torch_tensors.h"
#include "weights/weight_folder.h"
#include "weights/zip_archive.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

using Mapping = std::shared_ptr<const MappedFile>;

// The kind of a file that cannot be read, for the error.
std::string content_name(Bytes bytes) {
  const std::string_view start = as_text(bytes).substr(0, 512);
  if (start.empty()) return "an empty file";
  if (start.starts_with("\xff\xd8\xff")) return "a JPEG image";
  if (start.starts_with("\x89PNG")) return "a PNG image";
  if (start.starts_with("\x1f\x8b")) return "a gzip file";
  if (start.starts_with("\x89HDF")) return "an HDF5 file";
  const bool is_text = std::all_of(start.begin(), start.end(), [](unsigned char c) {
    return c >= ' ' || c == '\n' || c == '\r' || c == '\t';
  });
  return is_text ? "a text file" : "other content";
}

WeightFile read_torch(const TorchArchive& archive, const Mapping& mapping) {
  const std::string& path = mapping->path();
  const TensorTree tree = archive.is_script ? find_module_tensors(archive.object, path)
                                            : find_state_dict(archive.object, path);
  WeightFile result;
  result.layout = tree.layout;
  TensorBuilder builder(archive, mapping);
  for (const auto& [name, node] : tree.tensors) {
    result.tensors.insert_or_assign(name, builder.build(*node, name));
  }
  return result;
}

WeightFile read_safetensors(const Mapping& mapping) {
  SafetensorsFile file = parse_safetensors(mapping->bytes(), mapping->path());
  if (file.entries.empty()) fail_corrupt("tensors", "none", mapping->path());
  WeightFile result;
  for (const SafetensorsEntry& entry : file.entries) {
    result.tensors.emplace(entry.name, entry_tensor(entry, mapping));
  }
  result.metadata = std::move(file.metadata);
  return result;
}

void strip_prefix(WeightFile& file) {
  constexpr std::string_view parallel_prefix = "module.";
  for (const auto& [name, tensor] : file.tensors) {
    if (!name.starts_with(parallel_prefix)) return;
  }
  TensorMap stripped;
  for (auto& [name, tensor] : file.tensors)
    stripped.emplace(name.substr(parallel_prefix.size()), tensor);
  file.tensors = std::move(stripped);
  file.layout += file.layout.empty() ? parallel_prefix : ", module.";
}

WeightFile read_any(const Mapping& mapping) {
  const Bytes bytes = mapping->bytes();
  const std::string& path = mapping->path();
  WeightFile result;
  // safetensors is tried first: the length of its header may look like the beginning of a pickle or
  // of a zip archive, but neither of those continues as a safetensors file does.
  if (looks_like_safetensors(bytes)) {
    result = read_safetensors(mapping);
    result.format = "safetensors";
  } else if (looks_like_zip(bytes)) {
    const TorchArchive archive = read_torch_zip(bytes, path);
    result = read_torch(archive, mapping);
    result.format = archive.is_script ? "TorchScript" : "zip pickle";
  } else if (looks_like_pickle(bytes)) {
    result = read_torch(read_torch_legacy(bytes, path), mapping);
    result.format = "legacy pickle";
  } else {
    fail_corrupt("a weight file (safetensors, or PyTorch's .pth)", content_name(bytes), path);
  }
  return result;
}

// The tensors that the index lists, each from its shard.
WeightFile read_shards(const ShardIndex& index, const fs::path& path) {
  WeightFile whole;
  for (const auto& [shard, names] : index.shards) {
    WeightFile part = read_any(std::make_shared<const MappedFile>(path.parent_path() / shard));
    for (const std::string& name : names) {
      const auto found = part.tensors.find(name);
      if (found == part.tensors.end()) {
        fail_corrupt("the tensor " + quoted_name(name), "none in its shard " + quoted_name(shard),
                     path.string());
      }
      whole.tensors.insert(*found);
    }
    whole.format = part.format;
    whole.metadata.merge(part.metadata);
  }
  whole.layout = "sharded";
  return whole;
}

}  // namespace

WeightFile read_weight_file(const fs::path& path) {
  const fs::path found = find_weights(path);
  WeightFile file = is_shard_index(found) ? read_shards(read_shard_index(found), found)
                                          : read_any(std::make_shared<const MappedFile>(found));
  strip_prefix(file);
  if (file.layout.empty()) file.layout = "flat";
  file.config = text_beside(found, "config.json");
  file.preprocessor_config = text_beside(found, "preprocessor_config.json");
  return file;
}

}  // namespace submask
