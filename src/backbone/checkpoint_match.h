// Takes a network's tensors out of a checkpoint, by the network's names.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <submask/backbone.h>

#include "backbone/network.h"
#include "backbone/network_location.h"

namespace submask {

struct CheckpointMatch {
  TensorMap tensors;                          // by the network's names
  std::map<std::string, std::string> unread;  // kinds of the network's tensors that are not read
  TensorMap head;                       // the classifier (head_tensors.h), as stored in the file
  std::string head_name;                // where its name is not the network's: that in the file
  std::vector<std::string> ignored;     // tensors whose names are known not to be the network's
  std::vector<std::string> unexpected;  // all other tensors that are not the network's
};

// All tensors of the dict where the network was found: its own, and what the others are.
CheckpointMatch match_checkpoint(const Network& network, const BackboneInfo& info,
                                 const NetworkLocation& location);

// The tensors below `prefix` that the layout has rules for, by their new names. Row blocks are
// joined to one tensor, which is left out where a block is missing.
TensorMap rename_tensors(const CheckpointLayout& layout, const std::string& prefix,
                         const TensorMap& tensors);

// The number of the network's tensors that the match has in the right size.
int64_t count_fitting(const Network& network, const CheckpointMatch& match);

}  // namespace submask
