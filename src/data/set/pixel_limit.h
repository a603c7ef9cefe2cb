// How many pixels an image file may have: one of more does not decode.
#pragma once

#include <cstdint>
#include <string>

#include <submask/image.h>

#include "base/hash.h"

namespace submask {

// The limit decides which images there are, so that it belongs to a digest; the usual one adds
// nothing to it.
inline void hash_pixel_limit(int64_t pixel_limit, Sha256& hash) {
  if (pixel_limit != usual_pixel_limit)
    hash.update("pixel limit " + std::to_string(pixel_limit) + "\n");
}

}  // namespace submask
