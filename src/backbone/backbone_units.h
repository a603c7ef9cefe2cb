// What masks are learned for in a network, and the name of its weights: their hash.
#pragma once

#include <string>
#include <vector>

#include <submask/backbone.h>

#include "backbone/network.h"

namespace submask {

// In network order: every convolution and all of `downsample` (its norm's weight and bias too);
// every linear layer, weight and bias, a fused qkv as three. No other norm, no embedding. There but
// not masked by default: depthwise convolutions (few weights a channel), squeeze layers, the patch
// embedding of a transformer and projections into CLIP's joint space.
std::vector<MaskUnit> find_mask_units(const Network& network);

// SHA-256 (hex) over the units in order: name, 0, shape as "64,3,7,7", 0, float32 little-endian
// values.
std::string weights_identity(const std::vector<MaskUnit>& units, const TensorMap& parameters);

}  // namespace submask
