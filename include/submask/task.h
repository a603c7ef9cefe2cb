// A task: what was learned over a backbone, as a value, and as weights to bind to the backbone.
// task_file.h writes it to a file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <submask/backbone.h>
#include <submask/head.h>
#include <submask/packed_task.h>
#include <submask/weight_file.h>

namespace submask {

struct Task : TaskMasks {
  TensorMap statistics;      // batch norm's running_mean and running_var, float32, by buffer name
  std::optional<Head> head;  // over the backbone's features; its classes are `classes`
};

// Packs a Bool mask into bits and counts those that are on.
UnitMask pack_mask(const std::string& name, const at::Tensor& mask);
at::Tensor unpack_mask(const UnitMask& unit);  // Bool, the unit's shape, CPU

// Throws invalid_argument where the task belongs to another backbone (by identity), or has units,
// statistics or a head that do not fit this one.
void check_task_fits(const Task& task, const Backbone& backbone);

// Writes w of every masked parameter, and the statistics, into `into` by state dict name. Tensors
// that it already has are reused, so that switching tasks allocates nothing; other tensors are
// removed. Throws as check_task_fits() does.
void apply_task(const Task& task, const Backbone& backbone, TensorMap& into);

// Returns the full state dict of the adapted network under the backbone's usual names, head
// included: copies on the CPU. Throws as check_task_fits() does, and invalid_argument for a bank
// head.
TensorMap export_state_dict(const Task& task, Backbone& backbone);

}  // namespace submask
