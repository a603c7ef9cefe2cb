// HDF5's B-trees of version 1, which hold the names of groups and the chunks of arrays.
#pragma once

#include <cstdint>
#include <functional>

#include "data/format/hdf5_file.h"

namespace submask {

enum class Hdf5TreeType : uint8_t { group = 0, chunks = 1 };

// Calls `visit` for each child of each leaf, with the key before it. Throws corrupt_file where the
// level does not fall from a node to its child, and for more children than the file has room for:
// these two stop a tree that runs in circles or names a node again and again.
void visit_hdf5_tree(const Hdf5File& file, uint64_t root, Hdf5TreeType type, uint64_t key_bytes,
                     const std::function<void(Hdf5Fields key, uint64_t child)>& visit);

}  // namespace submask
