// How a task is packed, as a table (base/fields.h).
#pragma once

#include <submask/task_file.h>

#include "base/fields.h"

namespace submask {

// All but the parent, which is a task in memory.
const Section<PackOptions>& pack_fields();

}  // namespace submask
