#include "evaluate/feature_file.h"

#include <algorithm>
#include <array>
#include <memory>

#include <ATen/ATen.h>

#include "base/fail.h"
#include "base/hash.h"
#include "safetensors/safetensors.h"
#include "weights/safetensors_tensors.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

std::string checksum(const std::array<Bytes, 3>& pieces) {
  XxHash64 hash;
  for (const Bytes piece : pieces) hash.update(piece);
  return hash.hex();
}

at::Tensor packed_names(const std::vector<std::string>& names) {
  std::string bytes;
  for (const std::string& name : names) bytes += name + '\0';
  at::Tensor packed = at::empty({std::ssize(bytes)}, at::kByte);
  std::copy(bytes.begin(), bytes.end(), packed.mutable_data_ptr<uint8_t>());
  return packed;
}

std::vector<std::string> unpacked_names(Bytes bytes) {
  std::vector<std::string> names;
  for (auto begin = bytes.begin(); begin != bytes.end();) {
    const auto end = std::find(begin, bytes.end(), 0);
    names.emplace_back(begin, end);
    begin = end == bytes.end() ? end : end + 1;
  }
  return names;
}

const SafetensorsEntry& entry(const SafetensorsFile& file, const std::string& name,
                              const std::string& path) {
  const auto found = std::find_if(file.entries.begin(), file.entries.end(),
                                  [&](const SafetensorsEntry& e) { return e.name == name; });
  if (found == file.entries.end()) fail_corrupt("the tensor " + name, "none", path);
  return *found;
}

std::string metadata(const SafetensorsFile& file, const std::string& name) {
  const auto found = file.metadata.find(name);
  return found == file.metadata.end() ? "" : found->second;
}

}  // namespace

void write_feature_file(const fs::path& path, const std::string& key, const Features& features) {
  const at::Tensor values = features.values.to(at::kCPU, at::kFloat).contiguous();
  const at::Tensor labels = features.labels.to(at::kCPU, at::kLong).contiguous();
  const at::Tensor skipped = packed_names(features.skipped);
  // Wide elements first, so that each tensor is aligned to its own.
  const std::array entries{tensor_entry("labels", labels), tensor_entry("values", values),
                           tensor_entry("skipped", skipped)};
  write_safetensors_entries(
      path, entries,
      {{"format", feature_file_format},
       {"key", key},
       {"xxh64", checksum({entries[1].data, entries[0].data, entries[2].data})}});
}

Features read_feature_file(const fs::path& path, const std::string& key, int64_t width) {
  const auto mapped = std::make_shared<const MappedFile>(path);
  const std::string& name = path.string();
  if (!looks_like_safetensors(mapped->bytes()))
    fail_corrupt("features kept by submask", "a file of another kind", name);
  const SafetensorsFile file = parse_safetensors(mapped->bytes(), name);
  if (metadata(file, "format") != feature_file_format || metadata(file, "key") != key)
    fail_corrupt("features kept by submask for this network and data", "others", name);
  const SafetensorsEntry &values = entry(file, "values", name),
                         &labels = entry(file, "labels", name),
                         &skipped = entry(file, "skipped", name);
  const std::string sum = checksum({values.data, labels.data, skipped.data});
  if (metadata(file, "xxh64") != sum)
    fail_corrupt("data with the checksum " + metadata(file, "xxh64"), sum, name);
  if (values.dtype != "F32" || labels.dtype != "I64" || skipped.dtype != "U8" ||
      values.shape.size() != 2 || values.shape[1] != width || labels.shape.size() != 1 ||
      labels.shape[0] != values.shape[0])
    fail_corrupt(text("F32 values [N, ", width, "], I64 labels [N] and U8 skipped"), "others",
                 name);
  return {entry_tensor(values, mapped), entry_tensor(labels, mapped), unpacked_names(skipped.data)};
}

}  // namespace submask
