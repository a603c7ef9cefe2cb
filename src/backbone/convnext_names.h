// The names that other libraries give a ConvNeXt's tensors.
#pragma once

#include <vector>

#include "backbone/checkpoint_layout.h"

namespace submask {

// The authors' own, torchvision's and transformers'.
std::vector<CheckpointLayout> convnext_layouts();

}  // namespace submask
