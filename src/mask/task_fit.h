// Checks that a packed task fits a backbone.
#pragma once

#include <submask/backbone.h>
#include <submask/packed_task.h>

namespace submask {

// Throws as check_task_fits() does (task.h). Must be called before a task is unpacked, which
// allocates memory of the sizes that the file states.
void check_packed_fits(const PackedTask& packed, const Backbone& backbone);

}  // namespace submask
