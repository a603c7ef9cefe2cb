// Whether a task fits a backbone.
#pragma once

#include <submask/backbone.h>
#include <submask/packed_task.h>

namespace submask {

// Does for a packed task what check_task_fits() does (task.h), before anything of the sizes that a
// file states is allocated.
void check_packed_fits(const PackedTask& packed, const Backbone& backbone);

}  // namespace submask
