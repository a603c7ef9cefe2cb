// HDF5's B-trees of version 1: groups and the chunks of an array hang on them.
#pragma once

#include <cstdint>
#include <functional>

#include "data/format/hdf5_file.h"

namespace submask {

enum class Hdf5TreeType : uint8_t { group = 0, chunks = 1 };

// Calls `visit` for each child of a leaf with the key before it. Throws corrupt_file for levels
// that do not fall from node to child, and for more children than the file has room for: a tree
// that runs in circles or names a node again and again does not get far.
void visit_hdf5_tree(const Hdf5File& file, uint64_t root, Hdf5TreeType type, uint64_t key_bytes,
                     const std::function<void(Hdf5Fields key, uint64_t child)>& visit);

}  // namespace submask
