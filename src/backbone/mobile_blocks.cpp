#include "backbone/mobile_blocks.h"

#include <algorithm>

#include <ATen/ops/hardsigmoid.h>

namespace submask {
namespace {

Convolution make_depthwise(const MobileBlockShape& shape) {
  return Convolution(ConvolutionShape{.in = shape.expanded,
                                      .out = shape.expanded,
                                      .kernel = shape.kernel,
                                      .stride = shape.stride,
                                      .groups = shape.expanded,
                                      .padding = shape.padding});
}

Convolution make_conv1x1_with_bias(int64_t in, int64_t out) {
  return Convolution(ConvolutionShape{.in = in, .out = out, .bias = true});
}

int64_t squeezed_channels(int64_t channels) {
  return round_channels(static_cast<double>(channels) / 4);
}

bool keeps_size(const MobileBlockShape& shape) {
  return shape.stride == 1 && shape.in == shape.out;
}

}  // namespace

SqueezeExciteImpl::SqueezeExciteImpl(int64_t channels)
    : conv_reduce_(register_module("conv_reduce",
                                   make_conv1x1_with_bias(channels, squeezed_channels(channels)))),
      conv_expand_(register_module(
          "conv_expand", make_conv1x1_with_bias(squeezed_channels(channels), channels))) {}

at::Tensor SqueezeExciteImpl::forward(const at::Tensor& maps) {
  const at::Tensor means = maps.mean({2, 3}, /*keepdim=*/true);
  const at::Tensor squeezed = conv_reduce_->forward(means).relu_();
  return maps * at::hardsigmoid(conv_expand_->forward(squeezed));
}

SeparableBlockImpl::SeparableBlockImpl(const MobileBlockShape& shape)
    : activation_(shape.activation),
      has_shortcut_(keeps_size(shape)),
      conv_dw_(register_module("conv_dw", make_depthwise(shape))),
      bn1_(register_module("bn1", batch_norm(shape.expanded, shape.norm_epsilon))),
      se_(shape.squeezes ? register_module("se", SqueezeExcite(shape.expanded))
                         : SqueezeExcite(nullptr)),
      conv_pw_(register_module("conv_pw", conv1x1(shape.expanded, shape.out))),
      bn2_(register_module("bn2", batch_norm(shape.out, shape.norm_epsilon))) {}

at::Tensor SeparableBlockImpl::forward(const at::Tensor& x) {
  at::Tensor inner = activate(bn1_->forward(conv_dw_->forward(x)), activation_);
  if (se_) inner = se_->forward(inner);
  inner = bn2_->forward(conv_pw_->forward(inner));
  return has_shortcut_ ? inner.add_(x) : inner;
}

InvertedBlockImpl::InvertedBlockImpl(const MobileBlockShape& shape)
    : activation_(shape.activation),
      has_shortcut_(keeps_size(shape)),
      conv_pw_(register_module("conv_pw", conv1x1(shape.in, shape.expanded))),
      bn1_(register_module("bn1", batch_norm(shape.expanded, shape.norm_epsilon))),
      conv_dw_(register_module("conv_dw", make_depthwise(shape))),
      bn2_(register_module("bn2", batch_norm(shape.expanded, shape.norm_epsilon))),
      se_(shape.squeezes ? register_module("se", SqueezeExcite(shape.expanded))
                         : SqueezeExcite(nullptr)),
      conv_pwl_(register_module("conv_pwl", conv1x1(shape.expanded, shape.out))),
      bn3_(register_module("bn3", batch_norm(shape.out, shape.norm_epsilon))) {}

at::Tensor InvertedBlockImpl::forward(const at::Tensor& x) {
  at::Tensor inner = activate(bn1_->forward(conv_pw_->forward(x)), activation_);
  inner = activate(bn2_->forward(conv_dw_->forward(inner)), activation_);
  if (se_) inner = se_->forward(inner);
  inner = bn3_->forward(conv_pwl_->forward(inner));
  return has_shortcut_ ? inner.add_(x) : inner;
}

int64_t round_channels(double channels) {
  const int64_t nearest = std::max<int64_t>(8, static_cast<int64_t>(channels + 4) / 8 * 8);
  return static_cast<double>(nearest) < 0.9 * channels ? nearest + 8 : nearest;
}

int64_t mobile_stage_of(std::string_view parameter, int64_t stages) {
  constexpr std::string_view prefix = "blocks.";
  if (parameter.starts_with(prefix)) return parameter[prefix.size()] - '0' + 1;
  const bool is_stem = parameter.starts_with("conv_stem.") || parameter.starts_with("bn1.");
  return is_stem ? 0 : stages + 1;
}

}  // namespace submask
