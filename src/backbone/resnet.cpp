// ResNets for ImageNet: He et al. 2015 (arXiv 1512.03385), table 1, with the names of torchvision
// and timm and their one change: a bottleneck strides in its 3 x 3 convolution. Variants are the
// groups of ResNeXt (Xie et al. 2016, arXiv 1611.05431), wide ResNets (Zagoruyko and Komodakis
// 2016, arXiv 1605.07146), ResNet-D (He et al. 2018, arXiv 1812.01187, figure 2) and anti-aliased
// downsampling (Zhang 2019, arXiv 1904.11486).

#include <array>
#include <memory>
#include <vector>

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/reflection_pad2d.h>
#include <ATen/ops/tensor.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/any.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/pooling.h>

#include "backbone/backbone_registry.h"
#include "backbone/layers.h"
#include "backbone/network.h"
#include "naming/resnet_names.h"

namespace submask {
namespace {

// How maps are smoothed before every other row and column is dropped.
enum class Smoothing { none, average, blur };

// cifar: a 3 x 3 convolution without stride and no pooling, for images of 32 pixels, as lightly and
// others have it. wide_cifar: padded by one pixel more, as solo-learn has it.
enum class Stem { imagenet, cifar, wide_cifar };

// How a network differs from the ResNets of 2015.
struct Variant {
  bool is_d = false;  // a stem of three 3 x 3 convolutions; shortcuts average before they project
  Stem stem = Stem::imagenet;
  Smoothing smoothing = Smoothing::none;
  int64_t groups = 1;        // of a bottleneck's 3 x 3 convolution
  int64_t group_width = 64;  // channels of a group in the first layer, where planes are 64
};

// Blurs by (1 2 1) / 4 along rows and columns, then takes every other row and column.
at::Tensor blur_pool(const at::Tensor& maps) {
  const at::Tensor line = at::tensor({0.25, 0.5, 0.25}, maps.options().requires_grad(false));
  const at::Tensor filter = (line.unsqueeze(1) * line).expand({maps.size(1), 1, 3, 3});
  constexpr std::array<int64_t, 2> no_padding{0, 0};
  return at::conv2d(at::reflection_pad2d(maps, {1, 1, 1, 1}), filter, /*bias=*/{}, /*stride=*/2,
                    no_padding, /*dilation=*/1, /*groups=*/maps.size(1));
}

at::Tensor smooth_pool(const at::Tensor& maps, Smoothing smoothing) {
  return smoothing == Smoothing::average ? at::avg_pool2d(maps, 2) : blur_pool(maps);
}

at::Tensor stem_pool(const at::Tensor& maps, const Variant& variant) {
  if (variant.stem != Stem::imagenet) return maps;
  const Smoothing smoothing = variant.smoothing;
  if (smoothing == Smoothing::average) return at::avg_pool2d(maps, 2);
  const int64_t stride = smoothing == Smoothing::blur ? 1 : 2;
  const at::Tensor pooled = at::max_pool2d(maps, /*kernel_size=*/3, stride, /*padding=*/1);
  return stride == 1 ? blur_pool(pooled) : pooled;
}

// The 1 x 1 convolution on the shortcut of a block that changes the size or the number of channels.
torch::nn::Sequential make_projection(int64_t in, int64_t out, int64_t stride,
                                      const Variant& variant) {
  if (!variant.is_d) return torch::nn::Sequential(conv1x1(in, out, stride), batch_norm(out));
  if (stride == 1)
    return torch::nn::Sequential(torch::nn::Identity(), conv1x1(in, out), batch_norm(out));
  const auto average = torch::nn::AvgPool2dOptions(stride).ceil_mode(true).count_include_pad(false);
  return torch::nn::Sequential(torch::nn::AvgPool2d(average), conv1x1(in, out), batch_norm(out));
}

// The shortcut that both kinds of blocks share. It is registered last, as in the usual state dicts.
class ResidualBlock : public torch::nn::Module {
 protected:
  void register_shortcut(int64_t in, int64_t out, int64_t stride, const Variant& variant) {
    if (stride != 1 || in != out) {
      downsample_ = register_module("downsample", make_projection(in, out, stride, variant));
    }
  }

  at::Tensor add_shortcut(const at::Tensor& residual, const at::Tensor& x) {
    return residual.add_(downsample_ ? downsample_->forward(x) : x).relu_();
  }

 private:
  torch::nn::Sequential downsample_{nullptr};
};

class BasicBlockImpl : public ResidualBlock {
 public:
  static constexpr int64_t expansion = 1;

  BasicBlockImpl(int64_t in, int64_t planes, int64_t stride, const Variant& variant)
      : conv1_(register_module("conv1", conv3x3(in, planes, stride))),
        bn1_(register_module("bn1", batch_norm(planes))),
        conv2_(register_module("conv2", conv3x3(planes, planes))),
        bn2_(register_module("bn2", batch_norm(planes))) {
    register_shortcut(in, planes, stride, variant);
  }

  at::Tensor forward(const at::Tensor& x) {
    const at::Tensor inner = bn1_->forward(conv1_->forward(x)).relu_();
    return add_shortcut(bn2_->forward(conv2_->forward(inner)), x);
  }

 private:
  Convolution conv1_;
  BatchNorm bn1_;
  Convolution conv2_;
  BatchNorm bn2_;
};
TORCH_MODULE(BasicBlock);

class BottleneckImpl : public ResidualBlock {
 public:
  static constexpr int64_t expansion = 4;

  BottleneckImpl(int64_t in, int64_t planes, int64_t stride, const Variant& variant)
      : smoothing_(stride == 1 ? Smoothing::none : variant.smoothing) {
    const int64_t width = planes * variant.group_width / 64 * variant.groups;
    const ConvolutionShape middle{.in = width,
                                  .out = width,
                                  .kernel = 3,
                                  .stride = smoothing_ == Smoothing::none ? stride : 1,
                                  .groups = variant.groups};
    conv1_ = register_module("conv1", conv1x1(in, width));
    bn1_ = register_module("bn1", batch_norm(width));
    conv2_ = register_module("conv2", Convolution(middle));
    bn2_ = register_module("bn2", batch_norm(width));
    conv3_ = register_module("conv3", conv1x1(width, planes * expansion));
    bn3_ = register_module("bn3", batch_norm(planes * expansion));
    register_shortcut(in, planes * expansion, stride, variant);
  }

  at::Tensor forward(const at::Tensor& x) {
    at::Tensor inner = bn1_->forward(conv1_->forward(x)).relu_();
    inner = bn2_->forward(conv2_->forward(inner)).relu_();
    if (smoothing_ != Smoothing::none) inner = smooth_pool(inner, smoothing_);
    return add_shortcut(bn3_->forward(conv3_->forward(inner)), x);
  }

 private:
  Smoothing smoothing_;
  Convolution conv1_{nullptr};
  BatchNorm bn1_{nullptr};
  Convolution conv2_{nullptr};
  BatchNorm bn2_{nullptr};
  Convolution conv3_{nullptr};
  BatchNorm bn3_{nullptr};
};
TORCH_MODULE(Bottleneck);

// conv1: a 7 x 7 convolution, for ResNet-D three 3 x 3 convolutions, for small images one.
torch::nn::AnyModule make_stem(const Variant& variant) {
  if (variant.stem != Stem::imagenet) {
    const Padding padding = variant.stem == Stem::cifar ? Padding::symmetric : Padding::wide;
    return torch::nn::AnyModule(
        Convolution(ConvolutionShape{.in = 3, .out = 64, .kernel = 3, .padding = padding}));
  }
  if (!variant.is_d)
    return torch::nn::AnyModule(
        Convolution(ConvolutionShape{.in = 3, .out = 64, .kernel = 7, .stride = 2}));
  const torch::nn::ReLU relu(/*inplace=*/true);
  return torch::nn::AnyModule(Chain(conv3x3(3, 32, 2), batch_norm(32), relu, conv3x3(32, 32),
                                    batch_norm(32), relu, conv3x3(32, 64)));
}

using BlockCounts = std::array<int64_t, 4>;

template <typename Block>
class ResNet final : public Network {
 public:
  ResNet(const BlockCounts& blocks, const Variant& variant)
      : variant_(variant), conv1_(make_stem(variant)), bn1_(nullptr) {
    register_module("conv1", conv1_.ptr());
    bn1_ = register_module("bn1", batch_norm(64));
    int64_t in = 64, planes = 64;
    for (size_t i = 0; i < blocks.size(); ++i, planes *= 2) {
      layers_[i] = register_module("layer" + std::to_string(i + 1), torch::nn::Sequential());
      for (int64_t block = 0; block < blocks[i]; ++block) {
        layers_[i]->push_back(Block(in, planes, block == 0 && i > 0 ? 2 : 1, variant));
        in = planes * Block::ContainedType::expansion;
      }
    }
  }

  at::Tensor forward_features(const at::Tensor& images) override {
    const at::Tensor stem = bn1_->forward(conv1_.forward(images)).relu_();
    at::Tensor x = stem_pool(stem, variant_);
    for (torch::nn::Sequential& layer : layers_) x = layer->forward(x);
    return global_average_pool(x);
  }

  int64_t stage_of(std::string_view parameter) const override { return layer_number(parameter); }

  std::vector<CheckpointLayout> layouts() const override { return resnet_layouts(); }

 private:
  Variant variant_;
  torch::nn::AnyModule conv1_;
  BatchNorm bn1_;
  std::array<torch::nn::Sequential, 4> layers_;
};

template <typename Block>
BackboneEntry make_entry(const std::string& name, int64_t parameters, const BlockCounts& blocks,
                         const Variant& variant = {}) {
  BackboneInfo info;
  info.name = name;
  info.family = "ResNet";
  info.feature_width = 512 * Block::ContainedType::expansion;
  info.parameters = parameters;
  info.head_name = "fc";
  info.stages = 4;
  info.weights_source = "timm (huggingface.co/timm, " + name + ") or torchvision (" + name +
                        " at download.pytorch.org/models)";
  return {info, [blocks, variant] { return std::make_shared<ResNet<Block>>(blocks, variant); }};
}

// The entry of a backbone whose weights only timm has, with the preprocessing of the weights `tag`.
BackboneEntry with_timm_weights(BackboneEntry entry, const std::string& tag, double crop_share,
                                int64_t input_size = 224) {
  entry.info.weights_source = "timm (huggingface.co/timm, " + entry.info.name + "." + tag + ")";
  entry.info.preprocessing.crop_share = crop_share;
  entry.info.preprocessing.input_size = input_size;
  return entry;
}

// For images of 32 pixels, with the mean and deviation of CIFAR-10 as solo-learn has them.
template <typename Block>
BackboneEntry make_cifar_entry(const std::string& depth, int64_t parameters,
                               const BlockCounts& blocks, Stem stem) {
  const std::string name = "resnet" + depth + (stem == Stem::cifar ? "-cifar" : "-cifar.solo");
  BackboneEntry entry = make_entry<Block>(name, parameters, blocks, {.stem = stem});
  entry.info.preprocessing.input_size = 32;
  entry.info.preprocessing.mean = {0.4914, 0.4822, 0.4465};
  entry.info.preprocessing.std = {0.2470, 0.2435, 0.2616};
  entry.info.weights_source = stem == Stem::cifar
                                  ? "checkpoints of lightly (github.com/lightly-ai/lightly)"
                                  : "solo-learn (github.com/vturrisi/solo-learn)";
  return entry;
}

}  // namespace

std::vector<BackboneEntry> resnet_entries() {
  const Variant d{.is_d = true};
  const Variant average{.smoothing = Smoothing::average}, blur{.smoothing = Smoothing::blur};
  const Variant wide{.group_width = 128}, grouped{.groups = 32, .group_width = 4};
  return {make_entry<BasicBlock>("resnet18", 11'176'512, {2, 2, 2, 2}),
          make_entry<BasicBlock>("resnet34", 21'284'672, {3, 4, 6, 3}),
          make_entry<Bottleneck>("resnet50", 23'508'032, {3, 4, 6, 3}),
          make_entry<Bottleneck>("resnet101", 42'500'160, {3, 4, 23, 3}),
          make_entry<Bottleneck>("resnet152", 58'143'808, {3, 8, 36, 3}),
          make_entry<Bottleneck>("resnext50_32x4d", 22'979'904, {3, 4, 6, 3}, grouped),
          make_entry<Bottleneck>("wide_resnet50_2", 66'834'240, {3, 4, 6, 3}, wide),
          with_timm_weights(make_entry<BasicBlock>("resnet18d", 11'195'744, {2, 2, 2, 2}, d),
                            "ra2_in1k", 0.875),
          with_timm_weights(make_entry<BasicBlock>("resnet34d", 21'303'904, {3, 4, 6, 3}, d),
                            "ra2_in1k", 0.875),
          with_timm_weights(make_entry<Bottleneck>("resnet50d", 23'527'264, {3, 4, 6, 3}, d),
                            "ra2_in1k", 0.875),
          with_timm_weights(make_entry<Bottleneck>("resnet101d", 42'519'392, {3, 4, 23, 3}, d),
                            "ra2_in1k", 0.95, 256),
          with_timm_weights(make_entry<Bottleneck>("resnetaa50", 23'508'032, {3, 4, 6, 3}, average),
                            "a1h_in1k", 0.95),
          with_timm_weights(make_entry<Bottleneck>("resnetblur50", 23'508'032, {3, 4, 6, 3}, blur),
                            "bt_in1k", 0.875),
          make_cifar_entry<BasicBlock>("18", 11'168'832, {2, 2, 2, 2}, Stem::cifar),
          make_cifar_entry<BasicBlock>("18", 11'168'832, {2, 2, 2, 2}, Stem::wide_cifar),
          make_cifar_entry<Bottleneck>("50", 23'500'352, {3, 4, 6, 3}, Stem::cifar),
          make_cifar_entry<Bottleneck>("50", 23'500'352, {3, 4, 6, 3}, Stem::wide_cifar)};
}

}  // namespace submask
