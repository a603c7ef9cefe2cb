// The criterion at work (submask/mask.h has the formulas). All functions work on any device and
// floating dtype.
#pragma once

#include <cstdint>
#include <optional>

#include <ATen/core/Tensor.h>

#include <submask/mask.h>

namespace submask {

// Bool tensor shaped as score. At least one weight of a masked unit stays on: where none passes,
// the highest score (the first of equals) does.
at::Tensor criterion_mask(const Criterion& criterion, const at::Tensor& score);

// c, for `on` of `count` weights.
double mask_scale(const Criterion& criterion, int64_t on, int64_t count);

// dL/ds; for a flip theta * g.
at::Tensor score_gradient(const Criterion& criterion, const at::Tensor& theta,
                          const at::Tensor& gradient, const at::Tensor& mask, double scale);

// w = c * theta * m into an existing tensor (m is -1 where a flip is off).
void materialise(const Criterion& criterion, const at::Tensor& theta, const at::Tensor& mask,
                 double scale, at::Tensor& weight);

// The criterion of epoch e of E (0 ... E-1).
Criterion scheduled_criterion(Criterion criterion, const std::optional<CriterionSchedule>& schedule,
                              int64_t epoch, int64_t epochs);

}  // namespace submask
