#include "bench/random_task.h"

#include <ATen/ATen.h>

#include "base/random.h"
#include "mask/unit_rows.h"

namespace submask::bench {

Task random_task(const Backbone& backbone, double off_share, uint64_t seed) {
  Task task;
  task.backbone = backbone.info().name;
  task.weights_identity = backbone.identity();
  task.preprocessing = backbone.info().preprocessing;
  Random random({seed});
  for (const MaskUnit& unit : backbone.mask_units()) {
    if (!unit.masked_by_default) continue;
    at::Tensor on = at::empty_like(unit_rows(backbone.theta().at(unit.parameter), unit), at::kBool);
    bool* const bits = on.data_ptr<bool>();
    for (int64_t i = 0; i < on.numel(); ++i) bits[i] = random.uniform() >= off_share;
    task.units.push_back(pack_mask(unit.name, on));
  }
  for (const auto& [name, buffer] : backbone.buffers())
    if (buffer.is_floating_point()) task.statistics[name] = buffer.detach().clone();
  return task;
}

}  // namespace submask::bench
