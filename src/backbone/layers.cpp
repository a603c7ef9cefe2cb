#include "backbone/layers.h"

#include <algorithm>

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linear.h>

#include "base/ceil_div.h"
#include "parallel/batch_norm.h"

namespace submask {
namespace {

// The padding of TensorFlow's SAME along one dimension, before and after together.
int64_t same_padding(int64_t size, int64_t kernel, int64_t stride) {
  const int64_t outputs = ceil_div(size, stride);
  return std::max<int64_t>((outputs - 1) * stride + kernel - size, 0);
}

}  // namespace

ConvolutionImpl::ConvolutionImpl(const ConvolutionShape& shape)
    : shape_(shape),
      weight_(register_parameter(
          "weight", at::empty({shape.out, shape.in / shape.groups, shape.kernel, shape.kernel}))) {
  if (shape.bias) bias_ = register_parameter("bias", at::empty({shape.out}));
}

at::Tensor ConvolutionImpl::forward(const at::Tensor& images) {
  const auto convolve = [this](const at::Tensor& input, at::IntArrayRef padding) {
    return at::conv2d(input, weight_, bias_, shape_.stride, padding, 1, shape_.groups);
  };
  if (shape_.padding == Padding::none) return convolve(images, 0);
  if (shape_.padding == Padding::symmetric) return convolve(images, shape_.kernel / 2);
  if (shape_.padding == Padding::wide) return convolve(images, shape_.kernel / 2 + 1);
  const int64_t rows = same_padding(images.size(2), shape_.kernel, shape_.stride);
  const int64_t columns = same_padding(images.size(3), shape_.kernel, shape_.stride);
  if (rows % 2 == 0 && columns % 2 == 0) return convolve(images, {rows / 2, columns / 2});
  const int64_t top = rows / 2, left = columns / 2;
  return convolve(at::constant_pad_nd(images, {left, columns - left, top, rows - top}), 0);
}

LinearImpl::LinearImpl(int64_t in, int64_t out, bool bias)
    : weight_(register_parameter("weight", at::empty({out, in}))) {
  if (bias) bias_ = register_parameter("bias", at::empty({out}));
}

at::Tensor LinearImpl::forward(const at::Tensor& x) { return at::linear(x, weight_, bias_); }

LayerScaleImpl::LayerScaleImpl(int64_t width, double start)
    : gamma_(register_parameter("gamma", at::full({width}, start))) {}

at::Tensor LayerScaleImpl::forward(const at::Tensor& x) { return x * gamma_; }

Convolution conv3x3(int64_t in, int64_t out, int64_t stride) {
  return Convolution(ConvolutionShape{.in = in, .out = out, .kernel = 3, .stride = stride});
}

Convolution conv1x1(int64_t in, int64_t out, int64_t stride) {
  return Convolution(ConvolutionShape{.in = in, .out = out, .kernel = 1, .stride = stride});
}

at::Tensor BatchNormImpl::forward(const at::Tensor& maps) {
  return submask::batch_norm(maps, {weight, bias, running_mean, running_var}, is_training(),
                             options.momentum().value(), options.eps());
}

BatchNorm batch_norm(int64_t channels, double epsilon) {
  return BatchNorm(torch::nn::BatchNorm2dOptions(channels).eps(epsilon));
}

at::Tensor global_average_pool(const at::Tensor& maps) { return maps.mean({2, 3}); }

int64_t layer_number(std::string_view parameter) {
  constexpr std::string_view prefix = "layer";
  if (!parameter.starts_with(prefix) || parameter.size() == prefix.size()) return 0;
  return parameter[prefix.size()] - '0';
}

}  // namespace submask
