// ResNets for ImageNet: He et al. 2015 (arXiv 1512.03385), table 1, with torchvision's and timm's
// names and their one change: a bottleneck strides in its 3 x 3 convolution.

#include <array>
#include <memory>

#include <ATen/ops/max_pool2d.h>
#include <torch/nn/modules/container/sequential.h>

#include "backbone/layers.h"
#include "backbone/network.h"
#include "base/fail.h"

namespace submask {
namespace {

// Where a block changes the size or the channels, a 1 x 1 convolution does so on the shortcut.
torch::nn::Sequential projection(int64_t in, int64_t out, int64_t stride) {
  return torch::nn::Sequential(conv1x1(in, out, stride), batch_norm(out));
}

// The rest of a block's constructor, once: its shortcut, registered last as in the usual state
// dicts.
class ResidualBlock : public torch::nn::Module {
 protected:
  void register_shortcut(int64_t in, int64_t out, int64_t stride) {
    if (stride != 1 || in != out) {
      downsample_ = register_module("downsample", projection(in, out, stride));
    }
  }

  at::Tensor add_shortcut(at::Tensor residual, const at::Tensor& x) {
    return residual.add_(downsample_ ? downsample_->forward(x) : x).relu_();
  }

 private:
  torch::nn::Sequential downsample_{nullptr};
};

class BasicBlockImpl : public ResidualBlock {
 public:
  static constexpr int64_t expansion = 1;

  BasicBlockImpl(int64_t in, int64_t planes, int64_t stride)
      : conv1_(register_module("conv1", conv3x3(in, planes, stride))),
        bn1_(register_module("bn1", batch_norm(planes))),
        conv2_(register_module("conv2", conv3x3(planes, planes))),
        bn2_(register_module("bn2", batch_norm(planes))) {
    register_shortcut(in, planes, stride);
  }

  at::Tensor forward(const at::Tensor& x) {
    const at::Tensor inner = bn1_->forward(conv1_->forward(x)).relu_();
    return add_shortcut(bn2_->forward(conv2_->forward(inner)), x);
  }

 private:
  Convolution conv1_;
  torch::nn::BatchNorm2d bn1_;
  Convolution conv2_;
  torch::nn::BatchNorm2d bn2_;
};
TORCH_MODULE(BasicBlock);

class BottleneckImpl : public ResidualBlock {
 public:
  static constexpr int64_t expansion = 4;

  BottleneckImpl(int64_t in, int64_t planes, int64_t stride)
      : conv1_(register_module("conv1", conv1x1(in, planes))),
        bn1_(register_module("bn1", batch_norm(planes))),
        conv2_(register_module("conv2", conv3x3(planes, planes, stride))),
        bn2_(register_module("bn2", batch_norm(planes))),
        conv3_(register_module("conv3", conv1x1(planes, planes * expansion))),
        bn3_(register_module("bn3", batch_norm(planes * expansion))) {
    register_shortcut(in, planes * expansion, stride);
  }

  at::Tensor forward(const at::Tensor& x) {
    at::Tensor inner = bn1_->forward(conv1_->forward(x)).relu_();
    inner = bn2_->forward(conv2_->forward(inner)).relu_();
    return add_shortcut(bn3_->forward(conv3_->forward(inner)), x);
  }

 private:
  Convolution conv1_;
  torch::nn::BatchNorm2d bn1_;
  Convolution conv2_;
  torch::nn::BatchNorm2d bn2_;
  Convolution conv3_;
  torch::nn::BatchNorm2d bn3_;
};
TORCH_MODULE(Bottleneck);

using BlockCounts = std::array<int64_t, 4>;

template <typename Block>
class ResNet final : public Network {
 public:
  explicit ResNet(const BlockCounts& blocks)
      : conv1_(register_module(
            "conv1", Convolution(ConvolutionShape{.in = 3, .out = 64, .kernel = 7, .stride = 2}))),
        bn1_(register_module("bn1", batch_norm(64))) {
    int64_t in = 64, planes = 64;
    for (size_t i = 0; i < blocks.size(); ++i, planes *= 2) {
      layers_[i] = register_module("layer" + std::to_string(i + 1), torch::nn::Sequential());
      for (int64_t block = 0; block < blocks[i]; ++block) {
        layers_[i]->push_back(Block(in, planes, block == 0 && i > 0 ? 2 : 1));
        in = planes * Block::ContainedType::expansion;
      }
    }
  }

  at::Tensor forward_features(const at::Tensor& images) override {
    at::Tensor x = bn1_->forward(conv1_->forward(images)).relu_();
    x = at::max_pool2d(x, /*kernel_size=*/3, /*stride=*/2, /*padding=*/1);
    for (torch::nn::Sequential& layer : layers_) x = layer->forward(x);
    return global_average_pool(x);
  }

  int64_t stage_of(std::string_view parameter) const override { return layer_number(parameter); }

 private:
  Convolution conv1_;
  torch::nn::BatchNorm2d bn1_;
  std::array<torch::nn::Sequential, 4> layers_;
};

}  // namespace

std::shared_ptr<Network> make_resnet(int64_t depth) {
  switch (depth) {
    case 18:
      return std::make_shared<ResNet<BasicBlock>>(BlockCounts{2, 2, 2, 2});
    case 34:
      return std::make_shared<ResNet<BasicBlock>>(BlockCounts{3, 4, 6, 3});
    case 50:
      return std::make_shared<ResNet<Bottleneck>>(BlockCounts{3, 4, 6, 3});
    case 101:
      return std::make_shared<ResNet<Bottleneck>>(BlockCounts{3, 4, 23, 3});
    case 152:
      return std::make_shared<ResNet<Bottleneck>>(BlockCounts{3, 8, 36, 3});
    default:
      fail_argument("a ResNet of depth 18, 34, 50, 101 or 152", depth);
  }
}

}  // namespace submask
