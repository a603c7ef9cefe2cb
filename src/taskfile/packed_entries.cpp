#include "taskfile/packed_entries.h"

#include "base/fail.h"
#include "base/names.h"
#include "codec/packed_bits.h"
#include "taskfile/array_bytes.h"
#include "taskfile/head_form.h"
#include "taskfile/head_shape.h"
#include "taskfile/packed_json.h"

namespace submask {
namespace {

void take_checks(const Array& checks, PackedTask& task, const std::string& file) {
  if (checks.dtype != Dtype::i64 || checks.shape.size() != 1 ||
      checks.shape[0] != std::ssize(task.masks))
    fail_corrupt(text(task.masks.size(), " checks of masks as I64"),
                 text(name_of(checks.dtype), " ", in_brackets(checks.shape)), file);
  for (size_t i = 0; i < task.masks.size(); ++i) task.masks[i].check = checks.as<uint64_t>()[i];
}

// Checks that the blocks fill the payload, and that plain masks have as many bytes as their bits
// need, before a reader allocates memory for these bits.
void check_sizes(const PackedTask& task, const std::string& file) {
  uint64_t left = task.coded.size();
  for (const PackedMask& mask : task.masks) {
    const uint64_t plain = packed_bytes(mask.count());
    for (const uint64_t bytes : mask.block_bytes) {
      if (bytes > left) fail_corrupt(text(bytes, " more bytes of masks"), left, file);
      left -= bytes;
    }
    if (task.profile == MaskProfile::plain && mask.bytes() != plain)
      fail_corrupt(text(plain, " bytes for ", mask.name), mask.bytes(), file);
  }
  if (left != 0) fail_corrupt("no bytes after the last mask", left, file);
}

void check_statistics(const PackedTask& task, const std::string& file) {
  int64_t values = 0;
  for (const PackedNorm& norm : task.norms) values += std::ssize(norm.buffers()) * norm.channels;
  const Array& statistics = task.statistics;
  if ((statistics.dtype != Dtype::f16 && statistics.dtype != Dtype::f32) ||
      statistics.shape != std::vector<int64_t>{values})
    fail_corrupt(text(values, " statistics as F16 or F32"),
                 text(name_of(statistics.dtype), " ", in_brackets(statistics.shape)), file);
}

void check_classes(const PackedTask& task, const std::string& head_name, const std::string& file) {
  if (task.head.empty()) return;
  const int64_t classes = std::ssize(task.classes),
                head_classes = head_shape(task.head, head_name, file).classes();
  if (head_classes != classes)
    fail_corrupt(text("a head for ", classes, " classes"), head_classes, file);
}

}  // namespace

void add_packed(const std::string& prefix, const PackedTask& task, EntryList& list) {
  for (auto& [name, array] : pack_head(task.head, task.head_form))
    list.add(text(prefix, "head.", name), array);
  std::vector<int64_t> checks;
  for (const PackedMask& mask : task.masks) checks.push_back(static_cast<int64_t>(mask.check));
  if (!checks.empty()) {
    list.add(prefix + "mask_checks", make_array<int64_t>(Dtype::i64, {std::ssize(checks)}, checks));
    list.add_bytes(prefix + "masks", task.coded);
  }
  if (!task.norms.empty()) list.add(prefix + "statistics", task.statistics);
}

PackedReader::PackedReader(const std::string& description, std::string prefix, std::string file)
    : task_(packed_from_json(description, file)),
      prefix_(std::move(prefix)),
      file_(std::move(file)) {
  task_.statistics.shape = {0};
}

bool PackedReader::take(const SafetensorsEntry& entry) {
  if (!entry.name.starts_with(prefix_)) return false;
  const std::string name = entry.name.substr(prefix_.size());
  if (name == "masks" && entry.dtype == "U8" && entry.shape.size() == 1)
    task_.coded.assign(entry.data.begin(), entry.data.end());
  else if (name.starts_with("head."))
    head_[name.substr(5)] = read_array(entry, file_);
  else if (name == "mask_checks")
    checks_ = read_array(entry, file_);
  else if (name == "statistics")
    task_.statistics = read_array(entry, file_);
  else
    return false;
  return true;
}

PackedTask PackedReader::finish() {
  const std::string head_name = prefix_ + "head";
  take_checks(checks_, task_, file_);
  check_sizes(task_, file_);
  check_statistics(task_, file_);
  task_.head = unpack_head(head_, task_.head_form, head_name, file_);
  check_classes(task_, head_name, file_);
  return std::move(task_);
}

}  // namespace submask
