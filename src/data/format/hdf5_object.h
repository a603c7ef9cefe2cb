// Objects of an HDF5 file: what the messages in their headers say, and how groups name them.
#pragma once

#include <cstdint>
#include <string_view>

#include "data/format/hdf5_file.h"

namespace submask {

// The content of the messages that matter to an array or a group, empty where there is none.
struct Hdf5Object {
  Bytes dataspace, datatype, layout, filters;  // of an array
  Bytes symbol_table;                          // of a group
};

// `address` is that of a header of version 1. Throws corrupt_file, for messages that lie elsewhere
// and are shared, too.
Hdf5Object read_hdf5_object(const Hdf5File& file, uint64_t address);

// The object of this name directly in the root group. Throws corrupt_file where there is none.
Hdf5Object find_hdf5_object(const Hdf5File& file, std::string_view name);

}  // namespace submask
