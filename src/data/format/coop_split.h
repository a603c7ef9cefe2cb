// CoOp's split files: {"train": [[path, label, class name], ...], "val": ..., "test": ...}.
#pragma once

#include <string>

#include "base/file.h"
#include "data/format/labelled_files.h"

namespace submask {

// train and val together are the training part, in the file's order. Throws corrupt_file for
// anything else than such a file: labels that leave gaps or change their name included.
ListedFiles parse_coop_split(Bytes bytes, const std::string& file);

}  // namespace submask
