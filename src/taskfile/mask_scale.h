// The factor of a mask's weights.
#pragma once

#include <cmath>
#include <cstdint>

#include <submask/criterion.h>

namespace submask {

// c = sqrt(n / k) for k of n weights on, and 1 for flips, for masks that are not scaled, and where
// none is on.
inline double mask_scale(const Criterion& criterion, int64_t on, int64_t count) {
  if (!criterion.scale || criterion.kind == CriterionKind::flip || on == 0) return 1;
  return std::sqrt(static_cast<double>(count) / static_cast<double>(on));
}

}  // namespace submask
