// CoOp's split files: {"train": [[path, label, class name], ...], "val": ..., "test": ...}.
#pragma once

#include <string>

#include "base/file.h"
#include "data/format/labelled_files.h"

namespace submask {

// The parts train and val together are the training part, in the file's order, unless val is asked
// for on its own. Throws corrupt_file for any other file, and for labels that leave gaps or have
// two names.
ListedFiles parse_coop_split(Bytes bytes, const std::string& file, bool own_validation = false);

}  // namespace submask
