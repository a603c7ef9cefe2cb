// Applies a criterion to scores (submask/mask.h has the formulas). All functions work on any device
// and floating dtype.
#pragma once

#include <cstdint>
#include <optional>

#include <ATen/core/Tensor.h>

#include <submask/mask.h>

#include "taskfile/mask_scale.h"

namespace submask {

// Returns a Bool tensor shaped as `score`. At least one weight stays on, unless the criterion is
// flip: where no score passes, the weight with the highest score (the first of equals) is on.
at::Tensor criterion_mask(const Criterion& criterion, const at::Tensor& score);

// Returns dL/ds, shaped as theta; for a flip this is theta * g. `gradient` is dL/dw, `mask` is
// Bool, both shaped as theta; `scale` is c.
at::Tensor score_gradient(const Criterion& criterion, const at::Tensor& theta,
                          const at::Tensor& gradient, const at::Tensor& mask, double scale);

// Writes w = c * theta * m into an existing tensor. For a flip, m is -1 where the mask is off.
void materialise(const Criterion& criterion, const at::Tensor& theta, const at::Tensor& mask,
                 double scale, at::Tensor& weight);

// Returns the criterion of an epoch, which counts from 0 to epochs - 1. With a schedule, mu (for
// topk the share to keep) moves linearly from the first epoch to the last.
Criterion scheduled_criterion(Criterion criterion, const std::optional<CriterionSchedule>& schedule,
                              int64_t epoch, int64_t epochs);

}  // namespace submask
