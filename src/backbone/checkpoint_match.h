// Finding a network among a checkpoint's tensors: under which prefix it lies and in whose layout.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <submask/backbone.h>

#include "backbone/network.h"

namespace submask {

struct CheckpointMatch {
  std::string prefix;                   // "" | "module." | "state_dict.module.encoder_q." ...
  std::string layout;                   // "its own names", or that of the CheckpointLayout
  TensorMap tensors;                    // by the network's names
  TensorMap head;                       // the classifier's (head_tensors.h), as it lies in the file
  std::vector<std::string> ignored;     // tensors that belong to something else, known by name
  std::vector<std::string> unexpected;  // tensors beside the network's that nothing accounts for
};

// The prefix and layout under which most of the network's tensors lie. Where two networks lie in
// one file, the one meant for use: teacher before student, the trained encoder before its moving
// average.
CheckpointMatch match_checkpoint(const Network& network, const BackboneInfo& info,
                                 const TensorMap& tensors);

// The tensors below `prefix` that the layout has rules for, by the names they become; row blocks
// are put together, and left out where one is missing.
TensorMap rename_tensors(const CheckpointLayout& layout, const std::string& prefix,
                         const TensorMap& tensors);

// How many of the network's tensors the match has in the right size.
int64_t count_fitting(const Network& network, const CheckpointMatch& match);

}  // namespace submask
