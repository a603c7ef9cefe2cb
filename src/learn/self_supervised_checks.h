// Checks of settings that the objectives without labels have in common.
#pragma once

#include <cstdint>

#include "base/fail.h"

namespace submask {

// Throws invalid_argument: "expected a hidden_dim of at least 1, got 0".
inline void check_at_least(const char* name, int64_t value, int64_t least) {
  if (value < least) fail_argument(text(name, " of at least ", least), value);
}

// These objectives compare crops of one image. Throws invalid_argument for fewer than two.
inline void check_crops(int64_t crops) {
  if (crops < 2) fail_argument("two or more crops an image (--recipe paper-ssl)", crops);
}

}  // namespace submask
