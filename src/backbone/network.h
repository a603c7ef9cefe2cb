// A network as the rest of submask sees it.
//
// A Network has no classifier: heads belong to tasks. Its parameters bear the names of timm's and
// torchvision's state dicts, because each module is registered under the name it has there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <submask/backbone.h>

#include "backbone/checkpoint_layout.h"

namespace submask {

class Network : public torch::nn::Module {
 public:
  // float32 [N, 3, H, W] -> pooled features [N, D].
  virtual at::Tensor forward_features(const at::Tensor& images) = 0;

  // 0 for the stem, 1... for the stages, by parameter name.
  virtual int64_t stage_of(std::string_view parameter) const = 0;

  // What masks are learned for, in network order (backbone_units.h).
  virtual std::vector<MaskUnit> mask_units() const;

  // Running statistics stay as they are until the next train().
  virtual void hold_statistics();

  // How other libraries lay these tensors out, beside the network's own names.
  virtual std::vector<CheckpointLayout> layouts() const { return {}; }

  // A checkpoint's tensor as this network needs it where sizes may differ (position embeddings of
  // another grid); unchanged where it has no answer.
  virtual at::Tensor fitted(const std::string& /*name*/, const at::Tensor& tensor) const {
    return tensor;
  }

  // Every parameter and buffer by its state dict name.
  virtual TensorMap own_parameters() const;
  virtual TensorMap own_buffers() const;
};

inline Network& network_of(Backbone& backbone) { return *backbone.network_; }

}  // namespace submask
