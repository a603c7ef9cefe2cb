// Finds CLIP's text transformer among a checkpoint's tensors.
#pragma once

#include <submask/weight_file.h>

namespace submask {

// Returns its tensors by the names that clip_text.cpp reads: token_embedding, positions, projection
// [inner, shared], logit_scale, norm.*, and blocks.N.* with timm's names in a block. Empty where
// the checkpoint has no text transformer.
TensorMap find_clip_text(const TensorMap& tensors);

}  // namespace submask
