#include "mask/task_entries.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <ATen/ATen.h>

#include "backbone/head_tensors.h"
#include "base/fail.h"
#include "mask/task_json.h"
#include "weights/safetensors_tensors.h"

namespace submask {

void EntryList::add(const std::string& name, const at::Tensor& tensor, at::ScalarType type) {
  tensors_.push_back(tensor.detach().to(at::kCPU, type).contiguous());
  entries_.push_back(tensor_entry(name, tensors_.back()));
}

void EntryList::add_bytes(const std::string& name, const std::vector<uint8_t>& bytes) {
  entries_.push_back({name, "U8", {static_cast<int64_t>(bytes.size())}, bytes});
}

void EntryList::sort() {
  std::sort(entries_.begin(), entries_.end(),
            [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
              const uint64_t width_a = safetensors_element_bytes(a.dtype),
                             width_b = safetensors_element_bytes(b.dtype);
              return width_a != width_b ? width_a > width_b : a.name < b.name;
            });
}

// The data are copied because they may be misaligned in the file.
at::Tensor entry_values(const SafetensorsEntry& entry, at::ScalarType type,
                        const std::string& file) {
  const std::string dtype = tensor_entry(entry.name, at::empty({0}, type)).dtype;
  if (entry.dtype != dtype) fail_corrupt(text(entry.name, " as ", dtype), entry.dtype, file);
  at::Tensor tensor = at::empty(entry.shape, type);
  if (!entry.data.empty()) std::memcpy(tensor.data_ptr(), entry.data.data(), entry.data.size());
  return tensor;
}

TaskReader::TaskReader(const std::string& description, std::string prefix, std::string file)
    : task_(task_from_json(description, file)),
      prefix_(std::move(prefix)),
      file_(std::move(file)) {}

bool TaskReader::take(const SafetensorsEntry& entry) {
  if (!entry.name.starts_with(prefix_)) return false;
  const std::string name = entry.name.substr(prefix_.size());
  if (name.starts_with("head.")) {
    head_[name.substr(5)] = entry_values(entry, at::kFloat, file_);
  } else if (name.starts_with("statistics.")) {
    task_.statistics[name.substr(11)] = entry_values(entry, at::kFloat, file_);
  } else if (units_seen_ < task_.units.size() && name == "mask." + task_.units[units_seen_].name) {
    take_bits(task_.units[units_seen_++], entry);
  } else {
    return false;
  }
  return true;
}

void TaskReader::take_bits(UnitMask& unit, const SafetensorsEntry& entry) const {
  const auto count = static_cast<uint64_t>(unit.count());
  if (entry.dtype != "U8" || entry.data.size() != (count + 7) / 8)
    fail_corrupt(text((count + 7) / 8, " bytes of U8 for ", entry.name),
                 text(entry.data.size(), " of ", entry.dtype), file_);
  unit.bits.assign(entry.data.begin(), entry.data.end());
  int64_t on = 0;
  for (const uint8_t byte : unit.bits) on += std::popcount(byte);
  if (on != unit.on) fail_corrupt(text(unit.on, " weights on in ", unit.name), on, file_);
  if (count % 8 != 0 && unit.bits.back() >> (count % 8) != 0)
    fail_corrupt("zeros after the last bit of " + unit.name, "ones", file_);
}

void TaskReader::take_head() {
  task_.head = head_from_tensors(head_, prefix_ + "head", file_);
  if (!task_.head) return;
  const auto classes = static_cast<int64_t>(task_.classes.size());
  const int64_t head_classes = head_size(*task_.head).classes;
  if (head_classes != classes)
    fail_corrupt(text("a head for ", classes, " classes"), head_classes, file_);
}

Task TaskReader::finish() {
  if (units_seen_ != task_.units.size())
    fail_corrupt(text("bits of ", task_.units.size(), " mask units"), units_seen_, file_);
  take_head();
  return std::move(task_);
}

}  // namespace submask
