// Checks of settings that the objectives without labels have in common.
#pragma once

#include <cstdint>

#include "base/fail.h"

namespace submask {

// Throws invalid_argument: "expected a hidden_dim of at least 1, got 0".
inline void check_at_least(const char* name, int64_t value, int64_t least) {
  if (value < least) fail_argument(text(name, " of at least ", least), value);
}

// Throws invalid_argument: "expected a teacher_temp above 0, got 0".
inline void check_above_zero(const char* name, double value) {
  if (!(value > 0)) fail_argument(text(name, " above 0"), value);
}

// Throws invalid_argument: "expected a center_momentum in [0, 1], got 1.1".
inline void check_share(const char* name, double value) {
  if (!(value >= 0 && value <= 1)) fail_argument(text(name, " in [0, 1]"), value);
}

// These objectives compare crops of one image. Throws invalid_argument for fewer than two.
inline void check_crops(int64_t crops) {
  if (crops < 2) fail_argument("two or more crops an image (--recipe paper-ssl)", crops);
}

}  // namespace submask
