// Finds a network among a checkpoint's tensors: the prefix of its names and the layout.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <submask/backbone.h>

#include "backbone/network.h"

namespace submask {

struct CheckpointMatch {
  std::string prefix;                   // "" | "module." | "state_dict.module.encoder_q." ...
  std::string layout;                   // "its own names", or CheckpointLayout::name
  TensorMap tensors;                    // by the network's names
  TensorMap head;                       // the classifier (head_tensors.h), as stored in the file
  std::vector<std::string> ignored;     // tensors whose names are known not to be the network's
  std::vector<std::string> unexpected;  // all other tensors that are not the network's
};

// Chooses the prefix and layout with which most of the network's tensors are found. Where a file
// holds two networks, the one for use is chosen: the teacher, not the student; the trained encoder,
// not its moving average.
CheckpointMatch match_checkpoint(const Network& network, const BackboneInfo& info,
                                 const TensorMap& tensors);

// The tensors below `prefix` that the layout has rules for, by their new names. Row blocks are
// joined to one tensor, which is left out where a block is missing.
TensorMap rename_tensors(const CheckpointLayout& layout, const std::string& prefix,
                         const TensorMap& tensors);

// The number of the network's tensors that the match has in the right size.
int64_t count_fitting(const Network& network, const CheckpointMatch& match);

}  // namespace submask
