// The effective tensors of one task, and their binding to a network.
//
// Binding swaps the storages that the network's parameters and buffers point to. It copies nothing,
// does not touch theta, and is undone exactly. Many weight sets can share one Backbone, with one
// bound at a time; bindings nest and are undone in reverse order. The network's gradients are set
// aside while other weights are bound, and come back afterwards.
#pragma once

#include <utility>
#include <vector>

#include <submask/backbone.h>
#include <submask/weight_file.h>

namespace submask {

// Parameters and buffers that differ from the backbone's own, by state dict name.
using WeightSet = TensorMap;

// Copies theta of the named parameters, and all buffers, to be trained in place of the backbone's.
WeightSet copy_weights(const Backbone& backbone, const std::vector<std::string>& parameters);

// The tensors of a full state dict on the backbone's device, without those of its head.
WeightSet network_weights(const Backbone& backbone, TensorMap state_dict);

class WeightBinding {
 public:
  // Throws invalid_argument for a name that the backbone lacks, or another shape.
  WeightBinding(const Backbone& backbone, const WeightSet& weights);
  ~WeightBinding();
  WeightBinding(WeightBinding&&) = default;
  WeightBinding& operator=(WeightBinding&&) = delete;
  WeightBinding(const WeightBinding&) = delete;
  WeightBinding& operator=(const WeightBinding&) = delete;

 private:
  // Each bound tensor of the network, and a tensor that holds its earlier storage and gradient.
  std::vector<std::pair<at::Tensor, at::Tensor>> previous_;
};

}  // namespace submask
