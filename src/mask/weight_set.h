// The effective tensors of one task, and their binding to a network.
//
// Binding swaps the storages that the network's parameters and buffers point to; nothing is copied,
// theta is untouched, and undoing it is exact. Many weight sets can share one Backbone, one bound
// at a time (bindings nest and are undone in reverse order). Gradients belong to what is bound:
// those that the network had are away meanwhile, and back afterwards.
#pragma once

#include <utility>
#include <vector>

#include <submask/backbone.h>
#include <submask/weight_file.h>

namespace submask {

// By state dict name: parameters and buffers that differ from the backbone's own.
using WeightSet = TensorMap;

// Own copies of the named parameters, and of all buffers, to be trained in place of the backbone's.
WeightSet copy_weights(const Backbone& backbone, const std::vector<std::string>& parameters);

class WeightBinding {
 public:
  // Throws invalid_argument for a name the backbone lacks or another shape.
  WeightBinding(const Backbone& backbone, const WeightSet& weights);
  ~WeightBinding();
  WeightBinding(WeightBinding&&) = default;
  WeightBinding& operator=(WeightBinding&&) = delete;
  WeightBinding(const WeightBinding&) = delete;
  WeightBinding& operator=(const WeightBinding&) = delete;

 private:
  std::vector<std::pair<at::Tensor, at::Tensor>>
      previous_;  // the network's tensor, what it pointed to
};

}  // namespace submask
