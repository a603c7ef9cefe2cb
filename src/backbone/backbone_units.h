// The mask units of a network, and the hash that identifies its weights.
#pragma once

#include <string>
#include <vector>

#include <submask/backbone.h>

#include "backbone/network.h"

namespace submask {

// The units in network order (naming/mask_units.h).
std::vector<MaskUnit> find_mask_units(const Network& network);

// The identity of a network with these weights (naming/weights_identity.h).
std::string weights_identity(const std::vector<MaskUnit>& units, const TensorMap& parameters);

}  // namespace submask
