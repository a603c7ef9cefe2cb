// The mask units of a network, and the hash that identifies its weights.
#pragma once

#include <string>
#include <vector>

#include <submask/backbone.h>

#include "backbone/network.h"

namespace submask {

// The units in network order: the weight of every convolution; weight and bias of the norms in
// `downsample`; weight and bias of every linear layer, a fused qkv as three units. Other norms and
// embeddings have no units. These units are not masked by default: depthwise convolutions (they
// have few weights a channel), squeeze layers, the patch embedding of a transformer and projections
// into CLIP's joint space.
std::vector<MaskUnit> find_mask_units(const Network& network);

// SHA-256 (hex) over the units in order: for each its name, a zero byte, its shape as "64,3,7,7", a
// zero byte, and its values as little-endian float32.
std::string weights_identity(const std::vector<MaskUnit>& units, const TensorMap& parameters);

}  // namespace submask
