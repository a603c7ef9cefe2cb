#include <algorithm>
#include <cctype>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

#include <submask/weight_file.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/json_text.h"
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
  if (start.starts_with("version https://git-lfs"))
    return "a pointer of Git LFS (git lfs pull fetches the file itself)";
  const auto begins_with_tag = [&](std::string_view tag) {
    return start.size() >= tag.size() &&
           std::equal(tag.begin(), tag.end(), start.begin(), [](char a, char b) {
             return a == std::tolower(static_cast<unsigned char>(b));
           });
  };
  if (begins_with_tag("<!doctype html") || begins_with_tag("<html"))
    return "a page in HTML, as a site answers in place of a file";
  const bool is_text = std::all_of(start.begin(), start.end(), [](unsigned char c) {
    return c >= ' ' || c == '\n' || c == '\r' || c == '\t';
  });
  return is_text ? "a text file" : "other content";
}

WeightFile read_torch(const TorchArchive& archive, const Mapping& mapping) {
  const std::string& path = mapping->path();
  const std::vector<TensorTree> trees = archive.is_script
                                            ? std::vector{find_module_tensors(archive.object, path)}
                                            : find_state_dicts(archive.object, path);
  TensorBuilder builder(archive, mapping);
  std::map<const PickleNode*, at::Tensor> built;
  WeightFile result;
  for (const TensorTree& tree : trees) {
    StateDict& dict = &tree == &trees.front() ? result : result.others.emplace_back();
    dict.key = tree.key;
    dict.layout = tree.layout;
    for (const auto& [name, node] : tree.tensors) {
      if (const std::string kind = builder.unread_kind(*node); !kind.empty()) {
        dict.unread.insert_or_assign(name, kind);
        continue;
      }
      at::Tensor& tensor = built[node];
      if (!tensor.defined()) tensor = builder.build(*node, name);
      dict.tensors.insert_or_assign(name, tensor);
    }
  }
  const auto& calls = archive.object.unusual_calls;
  result.unusual_calls.assign(calls.begin(), calls.end());
  return result;
}

WeightFile read_safetensors(const Mapping& mapping) {
  SafetensorsFile file = parse_safetensors(mapping->bytes(), mapping->path());
  if (file.entries.empty()) fail_corrupt("tensors", "none", mapping->path());
  WeightFile result;
  for (const SafetensorsEntry& entry : file.entries) {
    if (is_read_dtype(entry.dtype))
      result.tensors.emplace(entry.name, entry_tensor(entry, mapping));
    else
      result.unread.emplace(entry.name, entry.dtype);
  }
  result.metadata = std::move(file.metadata);
  return result;
}

// What data-parallel training puts before all names.
constexpr std::string_view parallel_prefix = "module.";

template <typename Value>
bool all_have_prefix(const std::map<std::string, Value>& map) {
  return std::ranges::all_of(
      map, [](const auto& item) { return item.first.starts_with(parallel_prefix); });
}

template <typename Value>
std::map<std::string, Value> without_prefix(const std::map<std::string, Value>& map) {
  std::map<std::string, Value> stripped;
  for (const auto& [name, value] : map)
    stripped.emplace(name.substr(parallel_prefix.size()), value);
  return stripped;
}

void strip_prefix(StateDict& dict) {
  if (all_have_prefix(dict.tensors) && all_have_prefix(dict.unread)) {
    dict.tensors = without_prefix(dict.tensors);
    dict.unread = without_prefix(dict.unread);
    dict.layout += text(dict.layout.empty() ? "" : ", ", parallel_prefix);
  }
  if (dict.layout.empty()) dict.layout = "flat";
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
      if (const auto unread = part.unread.find(name); unread != part.unread.end()) {
        whole.unread.insert(*unread);
        continue;
      }
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

void check_some_are_read(const WeightFile& file, const fs::path& path) {
  const auto has_tensors = [](const StateDict& dict) { return !dict.tensors.empty(); };
  if (has_tensors(file) || std::ranges::any_of(file.others, has_tensors)) return;
  const auto& [name, kind] = *file.unread.begin();
  fail_corrupt("tensors of kinds that are read", text(quoted_name(name), " of ", kind),
               path.string());
}

}  // namespace

WeightFile read_weight_file(const fs::path& path) {
  const fs::path found = find_weights(path);
  WeightFile file = is_shard_index(found) ? read_shards(read_shard_index(found), found)
                                          : read_any(std::make_shared<const MappedFile>(found));
  check_some_are_read(file, found);
  strip_prefix(file);
  for (StateDict& dict : file.others) strip_prefix(dict);
  file.config = text_beside(found, "config.json");
  file.preprocessor_config = text_beside(found, "preprocessor_config.json");
  // transformers 5 keeps an image processor within the configuration of all processors.
  if (file.preprocessor_config.empty())
    if (const auto all = try_json<nlohmann::json>(text_beside(found, "processor_config.json"));
        all.is_object() && all.contains("image_processor") && all["image_processor"].is_object())
      file.preprocessor_config = all["image_processor"].dump();
  file.open_clip_config = text_beside(found, "open_clip_config.json");
  return file;
}

}  // namespace submask
