// A task over a backbone: masks of `keep` at random, statistics that differ from the backbone's.
#pragma once

#include <ATen/ATen.h>

#include <submask/task.h>

namespace submask {

inline Task random_task(const Backbone& backbone, uint64_t seed, double keep) {
  at::manual_seed(seed);
  Task task;
  task.backbone = backbone.info().name;
  task.weights_identity = backbone.identity();
  for (const MaskUnit& unit : backbone.mask_units())
    task.units.push_back(
        pack_mask(unit.name, at::rand(backbone.theta().at(unit.parameter).sizes()) < keep));
  for (const auto& [name, buffer] : backbone.buffers())
    if (buffer.is_floating_point()) task.statistics[name] = buffer + 0.1 * at::rand_like(buffer);
  return task;
}

}  // namespace submask
