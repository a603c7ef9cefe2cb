// Makes the entries of a safetensors file, and reads tasks of version 1 from entries. Each entry's
// name starts with a prefix, which is "" in a task file and differs between the members of a
// cascade file.
#pragma once

#include <list>
#include <string>
#include <vector>

#include <submask/task_file.h>

#include "weights/safetensors.h"

namespace submask {

// A list of entries that also owns the tensors whose bytes they point to.
class EntryList {
 public:
  void add(const std::string& name, const at::Tensor& tensor, at::ScalarType type = at::kFloat);

  // `bytes` must outlive the list.
  void add_bytes(const std::string& name, const std::vector<uint8_t>& bytes);

  // Puts tensors with wider elements first, so that every tensor is aligned to its element size,
  // and sorts tensors of one width by name.
  void sort();

  const std::vector<SafetensorsEntry>& entries() const { return entries_; }

 private:
  std::vector<SafetensorsEntry> entries_;
  std::list<at::Tensor> tensors_;
};

// Copies the entry's tensor out of the file. Throws corrupt_file for another dtype than `type`,
// which is one of float64, float32, float16, int64 and int8.
at::Tensor entry_values(const SafetensorsEntry& entry, at::ScalarType type,
                        const std::string& file);

// Builds a task of version 1 from its description (task_json.h) and its entries. All member
// functions throw corrupt_file, naming `file`.
class TaskReader {
 public:
  TaskReader(const std::string& description, std::string prefix, std::string file);

  // Reads one entry; masks must come in the description's order. Returns false for an entry that is
  // not a part of this task.
  bool take(const SafetensorsEntry& entry);

  Task finish();  // checks that no part is missing

 private:
  void take_bits(UnitMask& unit, const SafetensorsEntry& entry) const;
  void take_head();

  Task task_;
  std::string prefix_, file_;
  TensorMap head_;
  size_t units_seen_ = 0;
};

}  // namespace submask
