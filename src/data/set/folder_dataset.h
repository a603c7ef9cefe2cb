// A folder of class folders, for the published sets that are packed so.
#pragma once

#include <filesystem>

#include "data/set/dataset_registry.h"

namespace submask {

// DIR/train and DIR/test, or DIR's class folders, split 80:20 by the seed.
ReadParts read_class_folders(const std::filesystem::path& folder, const ReadOptions& options);

}  // namespace submask
