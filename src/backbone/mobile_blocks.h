// The blocks of networks made of depthwise convolutions, EfficientNet's and MobileNetV3's, with
// timm's names.
#pragma once

#include <string_view>

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/pimpl.h>

#include "backbone/activation.h"
#include "backbone/layers.h"

namespace submask {

struct MobileBlockShape {
  int64_t in = 0;
  int64_t expanded = 0;  // channels of the depthwise convolution
  int64_t out = 0;
  int64_t kernel = 3;
  int64_t stride = 1;
  Activation activation = Activation::relu6;
  bool squeezes = false;
  Padding padding = Padding::symmetric;
  double norm_epsilon = 1e-5;
};

// One factor in [0, 1] a channel, from the channels' means (Hu et al. 2017, arXiv 1709.01507), with
// MobileNetV3's hard sigmoid and a quarter of the channels between the two convolutions.
class SqueezeExciteImpl : public torch::nn::Module {
 public:
  explicit SqueezeExciteImpl(int64_t channels);
  at::Tensor forward(const at::Tensor& maps);

 private:
  Convolution conv_reduce_;
  Convolution conv_expand_;
};
TORCH_MODULE(SqueezeExcite);

// Filter each channel (conv_dw), mix them (conv_pw): the first stage, which does not expand.
class SeparableBlockImpl : public torch::nn::Module {
 public:
  explicit SeparableBlockImpl(const MobileBlockShape& shape);
  at::Tensor forward(const at::Tensor& x);

 private:
  Activation activation_;
  bool has_shortcut_;
  Convolution conv_dw_;
  torch::nn::BatchNorm2d bn1_;
  SqueezeExcite se_;  // empty where the block has none
  Convolution conv_pw_;
  torch::nn::BatchNorm2d bn2_;
};
TORCH_MODULE(SeparableBlock);

// Expand (conv_pw), filter each channel (conv_dw), project (conv_pwl); no activation after the
// projection.
class InvertedBlockImpl : public torch::nn::Module {
 public:
  explicit InvertedBlockImpl(const MobileBlockShape& shape);
  at::Tensor forward(const at::Tensor& x);

 private:
  Activation activation_;
  bool has_shortcut_;
  Convolution conv_pw_;
  torch::nn::BatchNorm2d bn1_;
  Convolution conv_dw_;
  torch::nn::BatchNorm2d bn2_;
  SqueezeExcite se_;  // empty where the block has none
  Convolution conv_pwl_;
  torch::nn::BatchNorm2d bn3_;
};
TORCH_MODULE(InvertedBlock);

// Of `channels`, the nearest multiple of 8 that is not more than a tenth below.
int64_t round_channels(double channels);

// conv_stem and its bn1: 0; blocks.N: N + 1; what follows the blocks: stages + 1.
int64_t mobile_stage_of(std::string_view parameter, int64_t stages);

}  // namespace submask
