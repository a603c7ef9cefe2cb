// The named tensors in the object that a PyTorch checkpoint or a TorchScript archive pickles.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "weights/pickle.h"

namespace submask {

// True for the calls that make a tensor or a parameter, of whatever kind.
bool is_tensor(const PickleNode& node);

struct TensorTree {
  std::string layout;  // "" | "state_dict" | "model" | "model_state_dict" | "nested"
  std::vector<std::pair<std::string, const PickleNode*>> tensors;  // by name; the last one counts
};

// A state dict under one of those keys, else the checkpoint itself where it holds tensors, else all
// dicts in it with their keys joined by dots: "teacher.backbone.conv1.weight". What lies under keys
// that are no text, as an optimiser's state does, is left out. Throws corrupt_file: no tensors, a
// pickled module, names of more than 1000 bytes, dicts so shared or nested that their names would
// take far more than the pickle.
TensorTree find_state_dict(const Pickle& object, const std::string& file);

// A TorchScript module's parameters, buffers and tensor attributes by dotted name. Throws
// corrupt_file for one without any, and as above.
TensorTree find_module_tensors(const Pickle& object, const std::string& file);

}  // namespace submask
