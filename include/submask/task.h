// A task: what was learned over a backbone, as a value, and as weights to bind to the backbone.
// task_file.h writes it to a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <submask/backbone.h>
#include <submask/head.h>
#include <submask/mask.h>
#include <submask/weight_file.h>

namespace submask {

struct UnitMask {
  std::string name;
  std::vector<int64_t> shape;
  int64_t on = 0;  // weights that stay on (+1 for a flip)
  // Element i is bit i % 8, least significant first, of bits[i / 8]; 1 = on.
  std::vector<uint8_t> bits;

  int64_t count() const;  // elements of shape
  double masked_fraction() const {
    return 1.0 - static_cast<double>(on) / static_cast<double>(count());
  }
};

// The description of a task, which can be read without its backbone's weights.
struct TaskDescription {
  std::string backbone;          // name
  std::string weights_identity;  // Backbone::identity()
  CriterionKind criterion = CriterionKind::threshold;
  bool scale = true;  // w = c theta m with c = 1 / sqrt(mean(m)), else c = 1
  std::vector<std::string> classes;
  Preprocessing preprocessing;
  std::string provenance = "{}";  // a JSON object: method, data, seed, settings, accuracy, commit
  std::string licence;            // of the task; may be empty
};

struct Task : TaskDescription {
  std::vector<UnitMask> units;  // in the backbone's canonical order; empty for a linear probe
  TensorMap statistics;      // batch norm's running_mean and running_var, float32, by buffer name
  std::optional<Head> head;  // over the backbone's features; its classes are `classes`

  double masked_fraction() const;  // over all units; 0 without units
  int64_t weights() const;         // mask bits
};

// Packs a Bool mask into bits and counts those that are on.
UnitMask pack_mask(const std::string& name, const at::Tensor& mask);
at::Tensor unpack_mask(const UnitMask& unit);  // Bool, the unit's shape, CPU

// SHA-256 (hex) over every unit in order: name, shape, packed bits. A task that is coded against
// this one names its parent by it.
std::string masks_identity(const Task& task);

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
