// Entries of a file that is written, and a task of version 1 out of those of one that is read,
// where each name has a prefix: "" in a task file, one for each member in a cascade file.
#pragma once

#include <list>
#include <string>
#include <vector>

#include <submask/task_file.h>

#include "weights/safetensors.h"

namespace submask {

// Entries, and the tensors whose bytes they point to.
class EntryList {
 public:
  void add(const std::string& name, const at::Tensor& tensor, at::ScalarType type = at::kFloat);

  // Bytes that outlive the list.
  void add_bytes(const std::string& name, const std::vector<uint8_t>& bytes);

  // Widest elements first, so that each tensor is aligned to its own; then by name.
  void sort();

  const std::vector<SafetensorsEntry>& entries() const { return entries_; }

 private:
  std::vector<SafetensorsEntry> entries_;
  std::list<at::Tensor> tensors_;
};

// The entry's tensor, copied out of the file. Throws corrupt_file for another dtype than `type`,
// which is one of float64, float32, float16, int64 and int8.
at::Tensor entry_values(const SafetensorsEntry& entry, at::ScalarType type,
                        const std::string& file);

// Puts a task together from its description (task_json.h) and its entries. All throw corrupt_file,
// naming `file`.
class TaskReader {
 public:
  TaskReader(const std::string& description, std::string prefix, std::string file);

  // Entries in the order of the file; false for one that belongs to something else.
  bool take(const SafetensorsEntry& entry);

  Task finish();  // checks that nothing is missing

 private:
  void take_bits(UnitMask& unit, const SafetensorsEntry& entry) const;
  void take_head();

  Task task_;
  std::string prefix_, file_;
  TensorMap head_;
  size_t units_seen_ = 0;
};

}  // namespace submask
