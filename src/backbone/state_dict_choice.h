// Chooses the state dict of a weight file that a network is loaded from.
#pragma once

#include <string>
#include <vector>

#include <submask/backbone.h>

#include "backbone/checkpoint_match.h"

namespace submask {

struct ChosenStateDict {
  NetworkLocation location;
  CheckpointMatch match;
  std::vector<std::string> notes;  // what the user should know of it, a line each
};

// Chooses as find_network() does. `key` names the dict to take, or a prefix in it
// ("state_dict_ema", "model.backbone"); empty: any will do. Throws invalid_argument for a key below
// which nothing of the network is.
ChosenStateDict choose_state_dict(const Network& network, const BackboneInfo& info,
                                  const WeightFile& file, const std::string& key);

}  // namespace submask
