// The blocks of EfficientNet and MobileNetV3, which use depthwise convolutions, with timm's names.
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
  bool squeezes = false;  // has a SqueezeExcite
  Padding padding = Padding::symmetric;
  double norm_epsilon = 1e-5;
};

// Multiplies each channel with a factor in [0, 1] that is computed from the means of all channels
// (Hu et al. 2017, arXiv 1709.01507). As in MobileNetV3, the sigmoid is hard and a quarter of the
// channels is between the two convolutions.
class SqueezeExciteImpl : public torch::nn::Module {
 public:
  explicit SqueezeExciteImpl(int64_t channels);
  at::Tensor forward(const at::Tensor& maps);

 private:
  Convolution conv_reduce_;
  Convolution conv_expand_;
};
TORCH_MODULE(SqueezeExcite);

// Filters each channel (conv_dw), then mixes them (conv_pw). Used in the first stage, which does
// not expand.
class SeparableBlockImpl : public torch::nn::Module {
 public:
  explicit SeparableBlockImpl(const MobileBlockShape& shape);
  at::Tensor forward(const at::Tensor& x);

 private:
  Activation activation_;
  bool has_shortcut_;
  Convolution conv_dw_;
  BatchNorm bn1_;
  SqueezeExcite se_;  // empty where the block has none
  Convolution conv_pw_;
  BatchNorm bn2_;
};
TORCH_MODULE(SeparableBlock);

// Expands (conv_pw), filters each channel (conv_dw) and projects (conv_pwl). There is no activation
// after the projection.
class InvertedBlockImpl : public torch::nn::Module {
 public:
  explicit InvertedBlockImpl(const MobileBlockShape& shape);
  at::Tensor forward(const at::Tensor& x);

 private:
  Activation activation_;
  bool has_shortcut_;
  Convolution conv_pw_;
  BatchNorm bn1_;
  Convolution conv_dw_;
  BatchNorm bn2_;
  SqueezeExcite se_;  // empty where the block has none
  Convolution conv_pwl_;
  BatchNorm bn3_;
};
TORCH_MODULE(InvertedBlock);

// The multiple of 8 nearest to `channels`, at least 8, or the next one where it is more than a
// tenth below `channels`.
int64_t round_channels(double channels);

// 0 for conv_stem and its bn1, N + 1 for blocks.N, stages + 1 for layers after the blocks.
int64_t mobile_stage_of(std::string_view parameter, int64_t stages);

}  // namespace submask
