// A network as the rest of submask sees it, and the architectures that exist.
//
// A Network has no classifier: heads belong to tasks. Its parameters bear the names of timm's and
// torchvision's state dicts, because each module is registered under the name it has there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

namespace submask {

class Network : public torch::nn::Module {
 public:
  // float32 [N, 3, H, W] -> pooled features [N, D].
  virtual at::Tensor forward_features(const at::Tensor& images) = 0;

  // 0 for the stem, 1... for the stages, by parameter name.
  virtual int64_t stage_of(std::string_view parameter) const = 0;

  // The state dict name of a tensor that a checkpoint may store under another name; others
  // unchanged.
  virtual std::string canonical_name(const std::string& name) const { return name; }
};

std::shared_ptr<Network> make_cifar_resnet(int64_t depth);  // 6n + 2: 20, 32, 44, 56
std::shared_ptr<Network> make_resnet(int64_t depth);        // 18, 34, 50, 101, 152
std::shared_ptr<Network> make_efficientnet_lite0();

}  // namespace submask
