// Where the files of a .tar archive lie (ustar, GNU long names, pax paths and sizes).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.h"

namespace submask {

struct TarEntry {
  std::string name;
  uint64_t offset = 0;  // of the content in the archive
  uint64_t size = 0;
};

// The regular files, in the archive's order. `file` is what messages call it. Throws corrupt_file
// for anything but a whole archive: each header's sum is checked, and the end has to be marked.
std::vector<TarEntry> read_tar_directory(Bytes bytes, const std::string& file);

}  // namespace submask
