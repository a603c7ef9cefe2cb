// Random weights for a network that has none yet.
#pragma once

#include <cstdint>

#include "backbone/network.h"

namespace submask {

// Convolutions: Kaiming normal (He et al. 2015, arXiv 1502.01852), fan out, gain for ReLU. Linear
// layers, tokens and embeddings: normal with deviation .02, as vision transformers begin. Biases:
// 0. Norms and layer scales keep what they were made with. Depends only on `seed` and on each
// tensor's place in the network.
void initialise_weights(Network& network, uint64_t seed);

}  // namespace submask
