// The preprocessing of CLIP's image towers.
#pragma once

#include <submask/backbone.h>

namespace submask {

// The crop has the whole shorter side; mean and deviation are CLIP's own.
inline Preprocessing clip_preprocessing() {
  Preprocessing preprocessing;
  preprocessing.mean = {0.48145466, 0.4578275, 0.40821073};
  preprocessing.std = {0.26862954, 0.26130258, 0.27577711};
  return preprocessing;
}

}  // namespace submask
