// Arrays of small numbers from MATLAB's .mat files of version 5, as save -v6 and -v7 write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace submask {

struct MatArray {
  std::vector<uint64_t> shape;
  std::vector<uint8_t> values;  // column by column: the first dimension runs fastest
};

// The real numeric array of this name, whatever type it is stored in, its values whole and 0-255.
// `file` is what messages call it. Throws corrupt_file: no such array, another kind of file,
// damage, or sizes that the file cannot hold.
MatArray read_mat_array(Bytes bytes, std::string_view name, const std::string& file);

// The values of such an array of any shape, whole and 0-65535; at most a million.
std::vector<uint16_t> read_mat_numbers(Bytes bytes, std::string_view name, const std::string& file);

}  // namespace submask
