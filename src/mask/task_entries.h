// A task's tensors as entries of a safetensors file, each name after a prefix: "" in a task file,
// one for each member in a cascade file.
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

  // Head and statistics; then the masks, whose bits must outlive the list.
  void add_tensors(const std::string& prefix, const Task& task);
  void add_masks(const std::string& prefix, const Task& task);

  const std::vector<SafetensorsEntry>& entries() const { return entries_; }

 private:
  std::vector<SafetensorsEntry> entries_;
  std::list<at::Tensor> tensors_;
};

// The entry's tensor, copied out of the file. Throws corrupt_file for another dtype than F32 or F64
// as `type` says.
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
  void check_head() const;

  Task task_;
  std::string prefix_, file_;
  size_t units_seen_ = 0;
};

}  // namespace submask
