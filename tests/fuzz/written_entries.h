// What of a foreign safetensors file can be written again.
#pragma once

#include <vector>

#include "safetensors/safetensors.h"

namespace submask {

// Entries of other dtypes are read of foreign files, and no file is written with them.
inline void drop_unknown_dtypes(std::vector<SafetensorsEntry>& entries) {
  std::erase_if(entries, [](const SafetensorsEntry& entry) {
    return safetensors_element_bytes(entry.dtype) == 0;
  });
}

}  // namespace submask
