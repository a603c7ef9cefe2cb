// Converts a packed task to entries of a safetensors file and back. Each entry's name starts with a
// prefix, which is "" in a task file and differs between the members of a cascade file.
#pragma once

#include <string>

#include <submask/packed_task.h>

#include "taskfile/entry_list.h"

namespace submask {

// Adds the task's arrays to `list`. `task` must outlive the list.
void add_packed(const std::string& prefix, const PackedTask& task, EntryList& list);

// Builds a packed task from its description (packed_to_json()) and its entries. All member
// functions throw corrupt_file, naming `file`.
class PackedReader {
 public:
  PackedReader(const std::string& description, std::string prefix, std::string file);

  // Reads one entry. Returns false for an entry that is not a part of this task.
  bool take(const SafetensorsEntry& entry);

  PackedTask finish();  // checks that the parts fit together

 private:
  PackedTask task_;
  std::string prefix_, file_;
  ArrayMap head_;
  Array checks_{Dtype::i64, {0}, {}};
};

}  // namespace submask
