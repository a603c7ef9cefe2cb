// Finding CLIP's text transformer among a checkpoint's tensors.
#pragma once

#include <submask/weight_file.h>

namespace submask {

// Its tensors by the names clip_text.cpp reads: token_embedding, positions, projection [inner,
// shared], logit_scale, norm.*, and blocks.N.* as timm names a transformer's block. Empty where
// there is no such tower.
TensorMap find_clip_text(const TensorMap& tensors);

}  // namespace submask
