// The directory of a zip archive as PyTorch writes it: entries are not compressed, and the archive
// may be zip64.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"

namespace submask {

struct ZipEntry {
  std::string name;
  Bytes data;           // as it stands in the file
  bool stored = false;  // false: `data` is not the content, but compressed or encrypted
};

bool looks_like_zip(Bytes bytes);

// Every entry, in the order of the directory. Checksums are not compared: PyTorch lets its users
// leave them out. Throws corrupt_file, naming `file`.
std::vector<ZipEntry> read_zip_directory(Bytes bytes, const std::string& file);

}  // namespace submask
