// Memory that nothing else needs is filled with the bits of tasks before they are asked for.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "serve/engine/served_file.h"
#include "serve/engine/task_listing.h"
#include "serve/engine/task_memory.h"

namespace submask {

// Decodes those of the tasks that are served, in their order, until `memory` has no room for the
// next one. `open` reads one by its name. Returns false where `goes_on` said no first, which is
// asked after each.
bool fill_memory(const std::vector<TaskListing>& tasks, TaskMemory& memory,
                 const std::function<std::shared_ptr<const ServedFile>(const std::string&)>& open,
                 const std::function<bool()>& goes_on);

}  // namespace submask
