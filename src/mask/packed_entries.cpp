#include "mask/packed_entries.h"

#include <ATen/ATen.h>

#include "base/fail.h"
#include "mask/packed_head.h"
#include "mask/task_json.h"

namespace submask {
namespace {

at::Tensor read_tensor(const SafetensorsEntry& entry, const std::string& file) {
  for (const auto& [dtype, type] : {std::pair{"F32", at::kFloat}, std::pair{"F16", at::kHalf},
                                    std::pair{"I8", at::kChar}, std::pair{"I64", at::kLong}})
    if (entry.dtype == dtype) return entry_values(entry, type, file);
  fail_corrupt("F32, F16, I8 or I64 for " + entry.name, entry.dtype, file);
}

void take_checks(const at::Tensor& checks, PackedTask& task, const std::string& file) {
  if (checks.scalar_type() != at::kLong || checks.dim() != 1 ||
      checks.numel() != std::ssize(task.masks))
    fail_corrupt(text(task.masks.size(), " checks of masks"), checks.numel(), file);
  for (size_t i = 0; i < task.masks.size(); ++i)
    task.masks[i].check =
        static_cast<uint64_t>(checks.const_data_ptr<int64_t>()[static_cast<int64_t>(i)]);
}

// Checks that the blocks fill the payload, and that plain masks have as many bytes as their bits
// need, before a reader allocates memory for these bits.
void check_sizes(const PackedTask& task, const std::string& file) {
  uint64_t left = task.coded.size();
  for (const PackedMask& mask : task.masks) {
    const auto plain = static_cast<uint64_t>((mask.count() + 7) / 8);
    for (const uint64_t bytes : mask.block_bytes) {
      if (bytes > left) fail_corrupt(text(bytes, " more bytes of masks"), left, file);
      left -= bytes;
    }
    if (task.profile == MaskProfile::plain && mask.bytes() != plain)
      fail_corrupt(text(plain, " bytes for ", mask.name), mask.bytes(), file);
  }
  if (left != 0) fail_corrupt("no bytes after the last mask", left, file);
}

void take_statistics(const at::Tensor& statistics, PackedTask& task, const std::string& file) {
  int64_t values = 0;
  for (const PackedTask::Norm& norm : task.norms)
    values += std::ssize(norm.buffers()) * norm.channels;
  const bool half = statistics.scalar_type() == at::kHalf;
  if ((!half && statistics.scalar_type() != at::kFloat) || statistics.dim() != 1 ||
      statistics.numel() != values)
    fail_corrupt(text(values, " statistics as F16 or F32"), statistics.numel(), file);
  task.statistics = statistics;
}

void check_classes(const PackedTask& task, const std::string& file) {
  if (!task.head) return;
  const auto classes = static_cast<int64_t>(task.classes.size());
  const int64_t head_classes = head_size(*task.head).classes;
  if (head_classes != classes)
    fail_corrupt(text("a head for ", classes, " classes"), head_classes, file);
}

}  // namespace

void add_packed(const std::string& prefix, const PackedTask& task, EntryList& list) {
  for (const auto& [name, tensor] : pack_head(task.head, task.head_form))
    list.add(text(prefix, "head.", name), tensor, tensor.scalar_type());
  std::vector<int64_t> checks;
  for (const PackedMask& mask : task.masks) checks.push_back(static_cast<int64_t>(mask.check));
  if (!checks.empty()) {
    list.add(prefix + "mask_checks", at::tensor(checks, at::kLong), at::kLong);
    list.add_bytes(prefix + "masks", task.coded);
  }
  if (!task.norms.empty())
    list.add(prefix + "statistics", task.statistics, task.statistics.scalar_type());
}

PackedReader::PackedReader(const std::string& description, std::string prefix, std::string file)
    : task_(packed_from_json(description, file)),
      prefix_(std::move(prefix)),
      file_(std::move(file)),
      checks_(at::empty({0}, at::kLong)),
      statistics_(at::empty({0}, at::kFloat)) {}

bool PackedReader::take(const SafetensorsEntry& entry) {
  if (!entry.name.starts_with(prefix_)) return false;
  const std::string name = entry.name.substr(prefix_.size());
  if (name == "masks" && entry.dtype == "U8" && entry.shape.size() == 1)
    task_.coded.assign(entry.data.begin(), entry.data.end());
  else if (name.starts_with("head."))
    head_[name.substr(5)] = read_tensor(entry, file_);
  else if (name == "mask_checks")
    checks_ = read_tensor(entry, file_);
  else if (name == "statistics")
    statistics_ = read_tensor(entry, file_);
  else
    return false;
  return true;
}

PackedTask PackedReader::finish() {
  take_checks(checks_, task_, file_);
  check_sizes(task_, file_);
  take_statistics(statistics_, task_, file_);
  task_.head = unpack_head(head_, task_.head_form, prefix_ + "head", file_);
  check_classes(task_, file_);
  return std::move(task_);
}

}  // namespace submask
