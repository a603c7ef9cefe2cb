// Copies a weight file's tensors into a network.
#pragma once

#include <optional>
#include <string>

#include <submask/backbone.h>
#include <submask/head.h>

#include "backbone/network.h"
#include "backbone/state_dict_choice.h"

namespace submask {

struct LoadedState {
  std::optional<Head> head;  // the file's classifier, linear or cosine
  CheckpointReport report;
};

// Fills `network` from the tensors that were matched with it. A parameter shares the memory of a
// float32 tensor of the right size, or of a matrix or filter of type `kept_type`; nothing writes to
// that memory afterwards. All other tensors are copied as float32. Counters of training steps
// (num_batches_tracked) may be missing or of any form, and a classifier may lack its bias, which is
// then 0. Throws corrupt_file and leaves the network as it was where any other tensor is missing,
// unexpected or wrongly shaped. The error lists them, names `path`, and names another backbone
// where that fits better.
LoadedState load_state_dict(Network& network, const BackboneInfo& info,
                            const ChosenStateDict& chosen, const std::string& path,
                            at::ScalarType kept_type = at::kFloat);

}  // namespace submask
