// How libraries other than timm lay out a vision transformer's tensors.
#pragma once

#include <string>
#include <vector>

#include "backbone/checkpoint_layout.h"

namespace submask {

// Hugging Face transformers' ViT, ViTMAE and Dinov2, in the names they are saved in and those that
// version 5 gives the modules. `norm`: what the network calls its last norm.
std::vector<CheckpointLayout> vit_layouts(const std::string& norm);

// MAE's pretraining file for a network that pools by mean: its last norm becomes fc_norm.
CheckpointLayout mae_pretraining_layout();

// CLIP's image tower: OpenAI's and open_clip's names, transformers', and timm's, where the
// projection is a head.
std::vector<CheckpointLayout> clip_layouts();

}  // namespace submask
