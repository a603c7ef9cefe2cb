// The layouts of a vision transformer's tensors in libraries other than timm.
#pragma once

#include <string>
#include <vector>

#include "naming/checkpoint_layout.h"

namespace submask {

// torchvision's VisionTransformer, DINOv2's own names for registers, and Hugging Face transformers'
// ViT, ViTMAE, DeiT and Dinov2, with the names in files and the names of modules in version 5.
// `norm` is the network's name of its last norm.
std::vector<CheckpointLayout> vit_layouts(const std::string& norm);

// MAE's pretraining file, for a network that pools by mean. The last norm becomes fc_norm.
CheckpointLayout mae_pretraining_layout();

// CLIP's image tower with the names of OpenAI and open_clip, of transformers, and of timm, where
// the projection is a head.
std::vector<CheckpointLayout> clip_layouts();

}  // namespace submask
