// From a weight file's tensors to a network's own, by exact names.
#pragma once

#include <string>

#include <submask/backbone.h>

#include "backbone/network.h"

namespace submask {

TensorMap parameters_of(const Network& network);
TensorMap buffers_of(const Network& network);

// Copies `tensors` into `network` as float32 and returns the classifier among them, {} without one.
// num_batches_tracked may be missing. Anything else missing, unexpected or wrongly shaped: Error
// corrupt_file that lists it all and names `path`; the network is then untouched.
TensorMap load_state_dict(Network& network, const BackboneInfo& info, const TensorMap& tensors,
                          const std::string& path);

}  // namespace submask
