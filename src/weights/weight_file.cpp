#include <algorithm>
#include <memory>
#include <string_view>

#include <submask/weight_file.h>

#include "base/fail.h"
#include "base/file.h"
#include "weights/quoted_name.h"
#include "weights/safetensors.h"
#include "weights/safetensors_tensors.h"
#include "weights/torch_archive.h"
#include "weights/torch_tensors.h"
#include "weights/zip_archive.h"

namespace submask {
namespace {

using Kind = PickleNode::Kind;
using Mapping = std::shared_ptr<const MappedFile>;

// What a file is that is none of ours, for the error.
std::string content_name(Bytes bytes) {
  const std::string_view start(reinterpret_cast<const char*>(bytes.data()),
                               std::min<size_t>(bytes.size(), 512));
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

bool holds_tensors(const PickleNode& node) {
  return std::any_of(node.entries.begin(), node.entries.end(), [](const auto& entry) {
    return entry.first->is(Kind::text) && is_tensor(*entry.second);
  });
}

// The state dict in a checkpoint, and the key it was under ("" where the checkpoint itself is one).
std::pair<const PickleNode*, std::string> find_state_dict(const PickleNode& root,
                                                          const std::string& file) {
  for (const char* key : {"state_dict", "model", "model_state_dict"}) {
    for (const auto& [name, value] : root.entries) {
      if (name->is(Kind::text) && name->text == key && holds_tensors(*value)) return {value, key};
    }
  }
  if (holds_tensors(root)) return {&root, ""};
  std::string got = "no tensors by name";
  if (root.is(Kind::instance)) got = "an object of " + shown_name(root.text);
  for (const auto& [name, value] : root.entries) {
    if (value->is(Kind::instance) && (name->text == "model" || name->text == "state_dict")) {
      got = "an object of " + shown_name(value->text);
    }
  }
  fail_corrupt("a state dict", got, file);
}

WeightFile read_torch(const TorchArchive& archive, const Mapping& mapping) {
  const auto [state_dict, key] = find_state_dict(*archive.object.root, mapping->path());
  WeightFile result;
  result.layout = key;
  TensorBuilder builder(archive, mapping);
  for (const auto& [name, value] : state_dict->entries) {
    if (!name->is(Kind::text) || !is_tensor(*value)) continue;
    const std::string& tensor_name = short_text(*name, mapping->path());
    result.tensors.insert_or_assign(tensor_name, builder.build(*value, tensor_name));
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
  constexpr std::string_view kPrefix = "module.";
  for (const auto& [name, tensor] : file.tensors) {
    if (!name.starts_with(kPrefix)) return;
  }
  TensorMap stripped;
  for (auto& [name, tensor] : file.tensors) stripped.emplace(name.substr(kPrefix.size()), tensor);
  file.tensors = std::move(stripped);
  file.layout += file.layout.empty() ? kPrefix : ", module.";
}

WeightFile read_any(const Mapping& mapping) {
  const Bytes bytes = mapping->bytes();
  const std::string& path = mapping->path();
  WeightFile result;
  // safetensors first: its header's length may begin as a pickle or a zip archive does, but neither
  // of those goes on as it does.
  if (looks_like_safetensors(bytes)) {
    result = read_safetensors(mapping);
    result.format = "safetensors";
  } else if (looks_like_zip(bytes)) {
    result = read_torch(read_torch_zip(bytes, path), mapping);
    result.format = "zip pickle";
  } else if (looks_like_pickle(bytes)) {
    result = read_torch(read_torch_legacy(bytes, path), mapping);
    result.format = "legacy pickle";
  } else {
    fail_corrupt("a weight file (safetensors, or PyTorch's .pth)", content_name(bytes), path);
  }
  return result;
}

}  // namespace

WeightFile read_weight_file(const std::filesystem::path& path) {
  WeightFile file = read_any(std::make_shared<const MappedFile>(path));
  strip_prefix(file);
  if (file.layout.empty()) file.layout = "flat";
  return file;
}

}  // namespace submask
