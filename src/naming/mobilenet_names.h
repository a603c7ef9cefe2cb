// torchvision's names for the tensors of MobileNetV3.
#pragma once

#include <vector>

#include "naming/checkpoint_layout.h"

namespace submask {

// Of the large and the small network: "features.4.block.2.fc1.weight" is
// blocks.2.0.se.conv_reduce.weight (timm's name).
std::vector<CheckpointLayout> mobilenet_v3_layouts();

}  // namespace submask
