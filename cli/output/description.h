// The content of a task or cascade file, as `submask inspect` prints it.
#pragma once

#include <string>

#include <submask/task_file.h>

#include "cascade/cascade.h"
#include "cli/output/print.h"

namespace submask::cli {

// `path` is that of the file, whose size is part of the description.
Json describe(const PackedTask& task, const std::string& path);
Json describe(const Cascade& cascade, const std::string& path);

}  // namespace submask::cli
