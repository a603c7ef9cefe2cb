// Makes the entries of a safetensors file. Each entry's name starts with a prefix, which is "" in a
// task file and differs between the members of a cascade file.
#pragma once

#include <list>
#include <string>
#include <vector>

#include <submask/array.h>

#include "safetensors/safetensors.h"

namespace submask {

// A list of entries that also owns the arrays whose bytes they point to.
class EntryList {
 public:
  void add(const std::string& name, Array array);

  // `bytes` must outlive the list.
  void add_bytes(const std::string& name, const std::vector<uint8_t>& bytes);

  // Returns the entries in their order in a file, as long as the list lives: those of wider
  // elements first, so that every array is aligned to its element size, and those of one width by
  // name.
  const std::vector<SafetensorsEntry>& sorted();

 private:
  std::vector<SafetensorsEntry> entries_;
  std::list<Array> arrays_;
};

}  // namespace submask
