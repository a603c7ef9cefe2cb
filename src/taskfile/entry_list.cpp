#include "taskfile/entry_list.h"

#include <algorithm>

#include "base/names.h"

namespace submask {

void EntryList::add(const std::string& name, Array array) {
  const Array& kept = arrays_.emplace_back(std::move(array));
  entries_.push_back({name, name_of(kept.dtype), kept.shape, kept.bytes});
}

void EntryList::add_bytes(const std::string& name, const std::vector<uint8_t>& bytes) {
  entries_.push_back({name, name_of(Dtype::u8), {static_cast<int64_t>(bytes.size())}, bytes});
}

const std::vector<SafetensorsEntry>& EntryList::sorted() {
  std::sort(entries_.begin(), entries_.end(),
            [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
              const uint64_t width_a = safetensors_element_bytes(a.dtype),
                             width_b = safetensors_element_bytes(b.dtype);
              return width_a != width_b ? width_a > width_b : a.name < b.name;
            });
  return entries_;
}

}  // namespace submask
