// Profiles by their names.
#pragma once

#include <string>

#include "base/fail.h"
#include "codec/mask_codec.h"

namespace submask {

inline bool is_mask_profile(const std::string& name) {
  return name == "small" || name == "fast" || name == "plain";
}

// Throws invalid_argument.
inline MaskProfile mask_profile(const std::string& name) {
  if (!is_mask_profile(name)) fail_argument("a profile: small, fast or plain", name);
  return name == "small"  ? MaskProfile::small
         : name == "fast" ? MaskProfile::fast
                          : MaskProfile::plain;
}

}  // namespace submask
