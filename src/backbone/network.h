// The base class of all networks.
//
// A Network has no classifier, because heads belong to tasks. Its parameters have the names of
// timm's and torchvision's state dicts, because each module is registered under its name there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <submask/backbone.h>

#include "naming/checkpoint_layout.h"

namespace submask {

class Network : public torch::nn::Module {
 public:
  // float32 [N, 3, H, W] -> pooled features [N, D].
  virtual at::Tensor forward_features(const at::Tensor& images) = 0;

  // The stage of a parameter: 0 for the stem, 1 ... for the stages.
  virtual int64_t stage_of(std::string_view parameter) const = 0;

  // The mask units in network order (backbone_units.h).
  virtual std::vector<MaskUnit> mask_units() const;

  // Batch norms keep their running statistics until the next call of train().
  virtual void hold_statistics();

  // The layouts of other libraries, beside the network's own names.
  virtual std::vector<CheckpointLayout> layouts() const { return {}; }

  // Converts a checkpoint's tensor to the size that this network needs (position embeddings of
  // another grid). Returns the tensor unchanged where the network cannot convert it.
  virtual at::Tensor fit_tensor(const std::string& /*name*/, const at::Tensor& tensor) const {
    return tensor;
  }

  // Whether the parameter may take a fitted tensor of another shape than its own in its place.
  virtual bool takes_shape_of(const std::string& /*name*/, const at::Tensor& /*tensor*/) const {
    return false;
  }

  // All parameters, and all buffers, by their state dict names.
  virtual TensorMap own_parameters() const;
  virtual TensorMap own_buffers() const;
};

inline Network& network_of(Backbone& backbone) { return *backbone.network_; }
inline const Network& network_of(const Backbone& backbone) { return *backbone.network_; }

}  // namespace submask
