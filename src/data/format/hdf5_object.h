// Objects of an HDF5 file: the messages in their headers, and their names in groups.
#pragma once

#include <cstdint>
#include <string_view>

#include "data/format/hdf5_file.h"

namespace submask {

// The content of those messages that arrays and groups need; empty where the object has none.
struct Hdf5Object {
  Bytes dataspace, datatype, layout, filters;  // of an array
  Bytes symbol_table;                          // of a group
};

// Reads the object header of version 1 at `address`. Throws corrupt_file, also for messages that
// several objects share.
Hdf5Object read_hdf5_object(const Hdf5File& file, uint64_t address);

// The object with this name in the root group itself. Throws corrupt_file where there is none.
Hdf5Object find_hdf5_object(const Hdf5File& file, std::string_view name);

}  // namespace submask
