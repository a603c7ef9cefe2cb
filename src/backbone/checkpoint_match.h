// Finds a network among a checkpoint's tensors: the prefix of its names and the layout.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <submask/backbone.h>

#include "backbone/network.h"

namespace submask {

struct CheckpointMatch {
  std::string prefix;                         // "" | "module." | "state_dict.module.encoder_q." ...
  int64_t found = 0;                          // names of the network below the prefix
  bool is_average = false;                    // the prefix is that of a moving average
  std::string instead_of;                     // of an average: the prefix of the weights beside it
  std::string layout;                         // "its own names", or CheckpointLayout::name
  TensorMap tensors;                          // by the network's names
  std::map<std::string, std::string> unread;  // kinds of the network's tensors that are not read
  TensorMap head;                       // the classifier (head_tensors.h), as stored in the file
  std::string head_name;                // where its name is not the network's: that in the file
  std::vector<std::string> ignored;     // tensors whose names are known not to be the network's
  std::vector<std::string> unexpected;  // all other tensors that are not the network's
};

// Chooses the prefix and layout with which most of the network's tensors are found. Where a file
// holds two networks, the one for use is chosen: the teacher, not the student; MoCo's trained
// encoder, not its momentum encoder; as timm does, the moving average ("ema") of the weights, not
// the weights. `key` are the words that the prefix has to begin with; empty: any will do.
CheckpointMatch match_checkpoint(const Network& network, const BackboneInfo& info,
                                 const StateDict& dict, const std::string& key = "");

struct ChosenStateDict {
  const StateDict* dict = nullptr;  // of the file
  CheckpointMatch match;
  std::vector<std::string> notes;  // what the user should know of it, a line each
};

// Chooses the state dict of a file in the same way. `key` names it, or a prefix in it
// ("state_dict_ema", "model.backbone"). Throws invalid_argument for a key below which nothing of
// the network is.
ChosenStateDict choose_state_dict(const Network& network, const BackboneInfo& info,
                                  const WeightFile& file, const std::string& key);

// The tensors below `prefix` that the layout has rules for, by their new names. Row blocks are
// joined to one tensor, which is left out where a block is missing.
TensorMap rename_tensors(const CheckpointLayout& layout, const std::string& prefix,
                         const TensorMap& tensors);

// The number of the network's tensors that the match has in the right size.
int64_t count_fitting(const Network& network, const CheckpointMatch& match);

}  // namespace submask
