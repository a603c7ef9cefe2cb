// A packed task's tensors as entries of a safetensors file, each name after a prefix: "" in a task
// file, one for each member in a cascade file.
#pragma once

#include <string>

#include <submask/task_file.h>

#include "mask/task_entries.h"

namespace submask {

// `task` must outlive the list.
void add_packed(const std::string& prefix, const PackedTask& task, EntryList& list);

// Puts a packed task together from its description (packed_to_json()) and its entries. All throw
// corrupt_file, naming `file`.
class PackedReader {
 public:
  PackedReader(const std::string& description, std::string prefix, std::string file);

  // False for an entry that belongs to something else.
  bool take(const SafetensorsEntry& entry);

  PackedTask finish();  // checks that all parts go together

 private:
  PackedTask task_;
  std::string prefix_, file_;
  TensorMap head_;
  at::Tensor checks_, statistics_;
};

}  // namespace submask
