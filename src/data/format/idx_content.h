// The content of an IDX file, plain or gzipped: a big-endian magic number (0x08 for bytes, then the
// number of dimensions), each dimension in four bytes, then the bytes themselves.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.h"

namespace submask {

struct IdxContent {
  std::vector<uint64_t> dimensions;
  std::vector<uint8_t> bytes;
};

// Throws corrupt_file, naming `file`, for anything but a whole file with this number of dimensions,
// none of them 0. Takes no more memory than the file can need.
IdxContent parse_idx(Bytes bytes, size_t dimensions, const std::string& file);

}  // namespace submask
