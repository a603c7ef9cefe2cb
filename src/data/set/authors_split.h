// The splits into training and test images that data sets' own authors made and that lie in their
// archives, for the sets that CoOp split anew.
#pragma once

#include <filesystem>

#include "data/set/dataset_registry.h"

namespace submask {

// Each of these has the reader of one set's folder, and tells what is published of the split.
struct AuthorsSplit {
  const char* marker;  // a file or folder of the split, from the set's folder
  PublishedSet published;
  ReadParts (*read)(const std::filesystem::path& folder, const ReadOptions& options);
};

AuthorsSplit dtd_split();      // the first of ten
AuthorsSplit flowers_split();  // classes are named as torchvision names them
AuthorsSplit food101_split();
AuthorsSplit oxford_pets_split();
AuthorsSplit eurosat_split();  // by the seed, as its authors made none

}  // namespace submask
