#include "learn/run_tensors.h"

#include <ATen/ATen.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/quoted_name.h"

namespace submask {
namespace {

// XXH64 over notes and tensors in the order of their names.
std::string checksum_of(const std::map<std::string, std::string>& notes, const TensorMap& tensors) {
  XxHash64 hash;
  for (const auto& [name, note] : notes) hash.update(text(name, ' ', note, '\n'));
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor values = tensor.detach().to(at::kCPU).contiguous();
    hash.update(text(name, ' ', values.scalar_type(), ' ', values.sizes(), '\n'));
    hash.update(Bytes(static_cast<const uint8_t*>(values.const_data_ptr()), values.nbytes()));
  }
  return hash.hex();
}

}  // namespace

void write_run_tensors(const std::filesystem::path& path, const RunTensorsFormat& format,
                       const std::string& fingerprint, const TensorMap& tensors,
                       const std::map<std::string, std::string>& notes) {
  std::map<std::string, std::string> metadata = notes;
  metadata["format"] = format.name;
  metadata["run"] = fingerprint;
  metadata["xxh64"] = checksum_of(notes, tensors);
  write_safetensors(path, tensors, metadata);
}

WeightFile read_run_tensors(const std::filesystem::path& path, const RunTensorsFormat& format,
                            const std::optional<std::string>& fingerprint) {
  WeightFile file = read_weight_file(path);
  const auto take = [&](const char* key) {
    auto entry = file.metadata.extract(key);
    return entry.empty() ? "" : std::move(entry.mapped());
  };
  if (take("format") != format.name)
    fail_corrupt(format.description, file.format + " of another kind", path.string());
  if (const std::string run = take("run"); fingerprint && run != *fingerprint)
    fail(ErrorKind::invalid_argument,
         "expected a checkpoint of this run, got one of other settings, data or backbone, in ",
         path.string(), ": remove it or name another folder");
  if (!file.unread.empty())
    fail_corrupt("tensors of a checkpoint", "one of " + quoted_name(file.unread.begin()->second),
                 path.string());
  const std::string stored = take("xxh64"), found = checksum_of(file.metadata, file.tensors);
  if (stored != found)
    fail_corrupt("the checksum " + found, stored.empty() ? "none" : stored, path.string());
  return file;
}

}  // namespace submask
