// Arrays of numbers in an HDF5 file: their headers, and the bytes that they are stored in.
#pragma once

#include <cstdint>
#include <vector>

#include "data/format/hdf5_file.h"
#include "data/format/hdf5_object.h"
#include "data/format/mat_numbers.h"

namespace submask {

// How chunks are changed before they are stored: first the bytes of their numbers are shuffled (all
// first bytes, then all second bytes, and so on), then they are deflated.
struct Hdf5Filters {
  bool shuffle = false, deflate = false;
  uint64_t shuffle_bit = 0, deflate_bit = 0;  // in a chunk's mask of the filters it goes without
};

struct Hdf5ArrayHeader {
  std::vector<uint64_t> shape;  // the last dimension runs fastest
  NumberType type;
  Hdf5Filters filters;
  enum class Layout { in_header, contiguous, chunked } layout = Layout::contiguous;
  Bytes stored;                       // all numbers, for layouts without chunks
  uint64_t chunk_tree = 0;            // the address of the tree of chunks
  std::vector<uint64_t> chunk_shape;  // as many dimensions as the shape
};

// Throws corrupt_file for anything but an array of little-endian numbers, for layouts newer than
// version 3, and for other filters.
Hdf5ArrayHeader parse_hdf5_array(const Hdf5File& file, const Hdf5Object& object);

// The product of the lengths. Throws corrupt_file where it overflows.
uint64_t count_numbers(const std::vector<uint64_t>& shape, const std::string& file);

}  // namespace submask
