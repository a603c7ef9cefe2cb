// Arrays of numbers in an HDF5 file: what their headers say, and the bytes they are stored in.
#pragma once

#include <cstdint>
#include <vector>

#include "data/format/hdf5_file.h"
#include "data/format/hdf5_object.h"
#include "data/format/mat_numbers.h"

namespace submask {

// What is done to a chunk before it is stored: its bytes shuffled (all first ones, all second ones,
// ...), then deflated.
struct Hdf5Filters {
  bool shuffle = false, deflate = false;
  uint64_t shuffle_bit = 0, deflate_bit = 0;  // in a chunk's mask of filters left out
};

struct Hdf5ArrayHeader {
  std::vector<uint64_t> shape;  // the last dimension runs fastest
  NumberType type;
  Hdf5Filters filters;
  enum class Layout { in_header, contiguous, chunked } layout = Layout::contiguous;
  Bytes stored;                       // all numbers, where they are not chunked
  uint64_t chunk_tree = 0;            // the address of the tree of chunks
  std::vector<uint64_t> chunk_shape;  // as many dimensions as the shape
};

// Throws corrupt_file for anything but an array of little-endian numbers, for layouts newer than
// version 3, and for filters but those.
Hdf5ArrayHeader parse_hdf5_array(const Hdf5File& file, const Hdf5Object& object);

// The product of lengths, whose overflow is an error of the file.
uint64_t count_numbers(const std::vector<uint64_t>& shape, const std::string& file);

}  // namespace submask
