// The named tensors in the pickled object of a PyTorch checkpoint or a TorchScript archive.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "weights/pickle.h"

namespace submask {

// True for a call that makes a tensor or a parameter of any kind.
bool is_tensor(const PickleNode& node);

struct TensorTree {
  std::string key;     // the keys that lead to the dict, joined by dots
  std::string layout;  // the key, or "nested" for several dicts together
  // By their names; of two tensors with the same name the last one counts.
  std::vector<std::pair<std::string, const PickleNode*>> tensors;
};

// All dicts of a checkpoint that may be a network's state dict. The first one is that under the key
// "state_dict", "model" or "model_state_dict"; or the checkpoint itself, where it holds tensors; or
// else all dicts together, with their keys joined by dots: "teacher.backbone.conv1.weight". Behind
// it come other dicts that hold tensors, such as a moving average beside the weights, and where the
// first one is a dict alone, all together. Values of keys that are no text, as in an optimiser's
// state, are left out. Throws corrupt_file for no tensors, a pickled module, names of more than
// 1000 bytes, and dicts that are shared or nested so that their names would take far more memory
// than the pickle.
std::vector<TensorTree> find_state_dicts(const Pickle& object, const std::string& file);

// The parameters, buffers and tensor attributes of a TorchScript module, their names joined by
// dots. Throws corrupt_file where there are none, and as above.
TensorTree find_module_tensors(const Pickle& object, const std::string& file);

}  // namespace submask
