// ResNets for 32 x 32 images: He et al. 2015 (arXiv 1512.03385), section 4.2, with option A
// shortcuts, which have no weights. Three layers of n blocks with 16, 32 and 64 channels; depth =
// 6n + 2.

#include <array>
#include <memory>

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/slice.h>
#include <torch/nn/modules/container/sequential.h>

#include "backbone/backbone_registry.h"
#include "backbone/layers.h"
#include "backbone/network.h"

namespace submask {
namespace {

class CifarBlockImpl : public torch::nn::Module {
 public:
  CifarBlockImpl(int64_t in, int64_t out, int64_t stride)
      : new_channels_(out - in),
        stride_(stride),
        conv1_(register_module("conv1", conv3x3(in, out, stride))),
        bn1_(register_module("bn1", batch_norm(out))),
        conv2_(register_module("conv2", conv3x3(out, out))),
        bn2_(register_module("bn2", batch_norm(out))) {}

  at::Tensor forward(const at::Tensor& x) {
    const at::Tensor inner = bn1_->forward(conv1_->forward(x)).relu_();
    return bn2_->forward(conv2_->forward(inner)).add_(shortcut(x)).relu_();
  }

 private:
  // Option A takes every stride-th pixel and fills new channels with zeros, half of them before the
  // old channels.
  at::Tensor shortcut(const at::Tensor& x) const {
    if (new_channels_ == 0) return x;
    const at::Tensor pixels =
        x.slice(2, 0, std::nullopt, stride_).slice(3, 0, std::nullopt, stride_);
    const int64_t before = new_channels_ / 2;
    return at::constant_pad_nd(pixels, {0, 0, 0, 0, before, new_channels_ - before});
  }

  int64_t new_channels_;
  int64_t stride_;
  Convolution conv1_;
  BatchNorm bn1_;
  Convolution conv2_;
  BatchNorm bn2_;
};
TORCH_MODULE(CifarBlock);

torch::nn::Sequential make_layer(int64_t in, int64_t out, int64_t blocks) {
  torch::nn::Sequential layer(CifarBlock(in, out, in == out ? 1 : 2));
  for (int64_t i = 1; i < blocks; ++i) layer->push_back(CifarBlock(out, out, 1));
  return layer;
}

class CifarResNet final : public Network {
 public:
  explicit CifarResNet(int64_t blocks)
      : conv1_(register_module("conv1", conv3x3(3, 16))),
        bn1_(register_module("bn1", batch_norm(16))),
        layers_{register_module("layer1", make_layer(16, 16, blocks)),
                register_module("layer2", make_layer(16, 32, blocks)),
                register_module("layer3", make_layer(32, 64, blocks))} {}

  at::Tensor forward_features(const at::Tensor& images) override {
    at::Tensor x = bn1_->forward(conv1_->forward(images)).relu_();
    for (torch::nn::Sequential& layer : layers_) x = layer->forward(x);
    return global_average_pool(x);
  }

  int64_t stage_of(std::string_view parameter) const override { return layer_number(parameter); }

 private:
  Convolution conv1_;
  BatchNorm bn1_;
  std::array<torch::nn::Sequential, 3> layers_;
};

BackboneEntry make_entry(int64_t depth, int64_t parameters) {
  BackboneInfo info;
  info.name = "resnet" + std::to_string(depth);
  info.family = "CIFAR ResNet";
  info.feature_width = 64;
  info.parameters = parameters;
  info.head_name = "linear";
  info.stages = 3;
  info.preprocessing.input_size = 32;
  // The paper's .0007 leaves the head behind in the few epochs that small images take
  // (docs/results/tuning.md).
  info.defaults.head_rate = info.defaults.fine_tune_rate = 0.05;
  // docs/results/frontier.md
  info.defaults.unit_rate = 0.02;
  info.defaults.norm_rate = 0.1;
  info.defaults.byte_price = 0.01;
  info.weights_source = "github.com/akamaster/pytorch_resnet_cifar10 (pretrained_models)";
  return {info, [depth] { return std::make_shared<CifarResNet>((depth - 2) / 6); }};
}

}  // namespace

std::vector<BackboneEntry> cifar_resnet_entries() {
  std::vector<BackboneEntry> entries{make_entry(20, 269'072), make_entry(32, 463'504),
                                     make_entry(44, 657'936), make_entry(56, 852'368)};
  BackboneInfo& first = entries.front().info;
  first.has_embedded_weights = true;
  first.weights_source = "comes with submask (trained on CIFAR-10); also " + first.weights_source;
  return entries;
}

}  // namespace submask
