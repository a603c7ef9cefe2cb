// The table of the settings for packing a task (base/fields.h).
#pragma once

#include <submask/task_file.h>

#include "base/fields.h"

namespace submask {

// Has all members of PackOptions except `parent`, which is a task in memory, and `parent_file`.
const Section<PackOptions>& pack_fields();

}  // namespace submask
