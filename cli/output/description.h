// What a task or cascade file holds, as `submask inspect` tells it.
#pragma once

#include <string>

#include <submask/task_file.h>

#include "cascade/cascade.h"
#include "cli/option/shared_options.h"

namespace submask::cli {

// `path` is the file's; its size enters.
Json describe(const PackedTask& task, const std::string& path);
Json describe(const Cascade& cascade, const std::string& path);

}  // namespace submask::cli
