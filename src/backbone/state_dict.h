// From a weight file's tensors to a network's own.
#pragma once

#include <optional>
#include <string>

#include <submask/backbone.h>
#include <submask/head.h>

#include "backbone/network.h"

namespace submask {

struct LoadedState {
  std::optional<Head> head;  // the classifier beside the network, linear or cosine
  CheckpointReport report;
};

// Fills `network` from `tensors`, found by checkpoint_match.h. Parameters take float32 tensors of
// the right size as they are, sharing their memory, which nothing writes to afterwards, and so do
// matrices and filters of the type `keep`; all else is copied as float32. num_batches_tracked may
// be missing. Anything else missing, unexpected or wrongly shaped: Error corrupt_file that lists it
// all, names `path` and, where another backbone fits better, that one; the network is then
// untouched.
LoadedState load_state_dict(Network& network, const BackboneInfo& info, const TensorMap& tensors,
                            const std::string& path, at::ScalarType keep = at::kFloat);

}  // namespace submask
