// How image files decode decides which images there are and what they show, so that it belongs to a
// data set's digest.
#pragma once

#include <string>

#include <submask/image.h>

#include "base/hash.h"

namespace submask {

// The usual rules add nothing.
inline void hash_decode_rules(const DecodeRules& rules, Sha256& hash) {
  const DecodeRules usual;
  if (rules.pixel_limit != usual.pixel_limit)
    hash.update("pixel limit " + std::to_string(rules.pixel_limit) + "\n");
  if (rules.exif != usual.exif) hash.update("exif ignored\n");
  if (rules.strict != usual.strict) hash.update("strict\n");
}

}  // namespace submask
