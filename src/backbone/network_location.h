// Finds a network in a weight file: its state dict, the prefix of its names and their layout.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include <submask/weight_file.h>

#include "backbone/network.h"

namespace submask {

struct NetworkLocation {
  const StateDict* dict = nullptr;  // of the file
  std::string prefix;               // "" | "module." | "teacher.backbone." ...
  CheckpointLayout layout;
  int64_t found = 0;  // names of the network there
  bool is_average = false;
  std::string weights_place;  // of a moving average: where the weights beside it are; "": nowhere
  std::vector<std::string> as_good_places = {};  // others where as many names are found

  // The keys and the prefix that lead there, without a last dot: "state_dict.module".
  std::string place() const;
};

// Takes the state dict, prefix and layout with which most of the network's names are found. Where a
// file holds two networks, the one for use is chosen: the teacher, not the student; MoCo's trained
// encoder, not its momentum encoder; as timm does, the moving average ("ema") of the weights, not
// the weights. Only places at or below `key` count; where no name is found there, the first dict is
// returned, with nothing found.
NetworkLocation find_network(const Network& network, std::span<const StateDict* const> dicts,
                             const std::string& key = "");

// Of all parameters and buffers.
std::set<std::string> tensor_names(const Network& network);

}  // namespace submask
