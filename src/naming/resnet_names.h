// The layouts of a ResNet's tensors in libraries other than torchvision and timm.
#pragma once

#include <vector>

#include "naming/checkpoint_layout.h"

namespace submask {

// Hugging Face transformers' ResNet, with a classifier ("resnet.") and without; and ResNets whose
// modules were put into a Sequential, as lightly's examples do: "0.weight" is conv1, "4.1.bn2.bias"
// is layer1.1.bn2, or with other numbers where activation and pooling are no modules.
std::vector<CheckpointLayout> resnet_layouts();

}  // namespace submask
