// Profiles by their names.
#pragma once

#include <string>

#include "base/fail.h"
#include "codec/mask_codec.h"

namespace submask {

// Throws invalid_argument.
inline MaskProfile mask_profile(const std::string& name) {
  if (name == "small") return MaskProfile::small;
  if (name == "fast") return MaskProfile::fast;
  if (name == "plain") return MaskProfile::plain;
  fail_argument("a profile: small, fast or plain", name);
}

}  // namespace submask
