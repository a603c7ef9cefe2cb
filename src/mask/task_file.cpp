#include <bit>
#include <cstring>

#include <ATen/ATen.h>

#include <submask/head.h>
#include <submask/task_file.h>

#include "base/fail.h"
#include "base/hash.h"
#include "mask/task_json.h"
#include "weights/safetensors.h"

namespace submask {
namespace {

constexpr const char* format_name = "submask-task";
constexpr const char* format_version = "1";

// Every byte of a file is covered: the data, names, dtypes and shapes by this checksum, the rest of
// the header because it must be the one the writer makes of them.
std::string checksum(const std::vector<SafetensorsEntry>& entries, const std::string& description) {
  XxHash64 hash;
  hash.update(description);
  for (const SafetensorsEntry& entry : entries) {
    hash.update(text('\n', entry.name, ' ', entry.dtype));
    for (const int64_t size : entry.shape) hash.update(text(' ', size));
    hash.update("\n");
    hash.update(entry.data);
  }
  return hash.hex();
}

SafetensorsEntry float_entry(const std::string& name, const at::Tensor& tensor) {
  return {name,
          "F32",
          tensor.sizes().vec(),
          {static_cast<const uint8_t*>(tensor.data_ptr()), tensor.nbytes()}};
}

// Copied: data in the file may be misaligned.
at::Tensor float_tensor(const SafetensorsEntry& entry, const std::string& file) {
  if (entry.dtype != "F32") fail_corrupt(entry.name + " as F32", entry.dtype, file);
  at::Tensor tensor = at::empty(entry.shape, at::kFloat);
  if (!entry.data.empty()) std::memcpy(tensor.data_ptr(), entry.data.data(), entry.data.size());
  return tensor;
}

void take_bits(UnitMask& unit, const SafetensorsEntry& entry, const std::string& file) {
  const auto count = static_cast<uint64_t>(unit.count());
  if (entry.dtype != "U8" || entry.data.size() != (count + 7) / 8)
    fail_corrupt(text((count + 7) / 8, " bytes of U8 for ", entry.name),
                 text(entry.data.size(), " of ", entry.dtype), file);
  unit.bits.assign(entry.data.begin(), entry.data.end());
  int64_t on = 0;
  for (const uint8_t byte : unit.bits) on += std::popcount(byte);
  if (on != unit.on) fail_corrupt(text(unit.on, " weights on in ", unit.name), on, file);
  if (count % 8 != 0 && unit.bits.back() >> (count % 8) != 0)
    fail_corrupt("zeros after the last bit of " + unit.name, "ones", file);
}

void check_head(const Task& task, const std::string& file) {
  if (task.head.empty()) return;
  if (!is_head(task.head))
    fail_corrupt("a head of weight and bias, or of cosine",
                 text(task.head.size(), " tensors, or of other dimensions"), file);
  const auto classes = static_cast<int64_t>(task.classes.size());
  const at::Tensor& matrix = head_matrix(task.head);
  if (matrix.size(0) != classes)
    fail_corrupt(text("a head for ", classes, " classes"), matrix.sizes(), file);
}

}  // namespace

void write_task(const std::filesystem::path& path, const Task& task) {
  std::vector<SafetensorsEntry> entries;
  TensorMap contiguous;  // keeps the bytes that entries point to
  const auto add = [&](const std::string& name, const at::Tensor& tensor) {
    contiguous[name] = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
    entries.push_back(float_entry(name, contiguous[name]));
  };
  for (const auto& [name, tensor] : task.head) add("head." + name, tensor);
  for (const auto& [name, tensor] : task.statistics) add("statistics." + name, tensor);
  for (const UnitMask& unit : task.units)
    entries.push_back(
        {"mask." + unit.name, "U8", {static_cast<int64_t>(unit.bits.size())}, unit.bits});
  const std::string description = task_to_json(task);
  write_safetensors_entries(path, entries,
                            {{"format", format_name},
                             {"version", format_version},
                             {"task", description},
                             {"xxh64", checksum(entries, description)}});
}

Task read_task(const std::filesystem::path& path) {
  const MappedFile mapped(path);
  const std::string& file = mapped.path();
  const SafetensorsFile stored = parse_safetensors(mapped.bytes(), file);
  const auto metadata = [&](const char* key) {
    const auto found = stored.metadata.find(key);
    return found == stored.metadata.end() ? std::string() : found->second;
  };
  if (metadata("format") != format_name)
    fail_corrupt("a submask task file", "another safetensors file", file);
  if (metadata("version") != format_version)
    fail(ErrorKind::unsupported_version, "expected a task file of version ", format_version,
         ", got version '", metadata("version"), "', in ", file);
  const std::string sum = checksum(stored.entries, metadata("task"));
  if (sum != metadata("xxh64")) fail_corrupt("checksum " + metadata("xxh64"), sum, file);
  if (stored.header != safetensors_header(stored.entries, stored.metadata))
    fail_corrupt("the header a task file is written with", "another", file);

  Task task = task_from_json(metadata("task"), file);
  size_t units_seen = 0;
  for (const SafetensorsEntry& entry : stored.entries) {
    if (entry.name.starts_with("head.")) {
      task.head[entry.name.substr(5)] = float_tensor(entry, file);
    } else if (entry.name.starts_with("statistics.")) {
      task.statistics[entry.name.substr(11)] = float_tensor(entry, file);
    } else if (units_seen < task.units.size() &&
               entry.name == "mask." + task.units[units_seen].name) {
      take_bits(task.units[units_seen++], entry, file);
    } else {
      fail_corrupt("tensors of a task", entry.name, file);
    }
  }
  if (units_seen != task.units.size())
    fail_corrupt(text("bits of ", task.units.size(), " mask units"), units_seen, file);
  check_head(task, file);
  return task;
}

}  // namespace submask
