// Puts the chunks of an HDF5 array together.
#pragma once

#include <cstdint>
#include <vector>

#include "data/format/hdf5_array.h"

namespace submask {

// All numbers of a chunked array, as bytes. Throws corrupt_file for a chunk that is missing, stored
// twice, damaged, or larger than its stored bytes can inflate to. Takes memory for the numbers only
// once the file is known to be large enough for them.
std::vector<uint8_t> read_hdf5_chunks(const Hdf5File& file, const Hdf5ArrayHeader& array);

}  // namespace submask
