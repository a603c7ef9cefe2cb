// Which tensors of a network are mask units, told from their names and shapes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <submask/mask_unit.h>

namespace submask {

struct NamedShape {
  std::string name;  // of a parameter or buffer in a state dict
  std::vector<int64_t> shape;
};

// The units of a network with timm's names, in the order of its tensors: the weight of every
// convolution; weight and bias of the batch norms in `downsample` (their running_mean tells them
// from other norms); weight and bias of every linear layer, a fused qkv as three units. Other norms
// and embeddings have no units. These units are not masked by default: depthwise convolutions (they
// have few weights a channel), squeeze layers, the patch embedding of a transformer and projections
// into CLIP's joint space.
std::vector<MaskUnit> mask_units(std::span<const NamedShape> tensors);

}  // namespace submask
