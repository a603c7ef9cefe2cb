// The names that other libraries give a ConvNeXt's tensors.
#pragma once

#include <vector>

#include "naming/checkpoint_layout.h"

namespace submask {

// The layouts of the authors, torchvision and transformers.
std::vector<CheckpointLayout> convnext_layouts();

}  // namespace submask
