// Gives a new network random weights.
#pragma once

#include <cstdint>

#include "backbone/network.h"

namespace submask {

// Convolutions: Kaiming normal (He et al. 2015, arXiv 1502.01852), fan out, gain for ReLU. Linear
// layers, tokens and embeddings: normal with deviation .02, as is usual for vision transformers.
// Biases: 0. Norms and layer scales keep the values of their constructors. Values depend only on
// `seed` and on the order of the tensors in the network.
void initialise_weights(Network& network, uint64_t seed);

}  // namespace submask
