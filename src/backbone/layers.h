// The layers that backbones share. They leave their weights uninitialised, because weights come
// from a file or from weight_init.h and never from torch's global generator.
#pragma once

#include <cstdint>
#include <string_view>

#include <ATen/core/Tensor.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/pimpl.h>

namespace submask {

// none: for patches that do not overlap. symmetric: kernel / 2 on every side. wide: one more.
// tensorflow_same: the output has the size ceil(size / stride); an odd row or column is added at
// the bottom or right.
enum class Padding { none, symmetric, wide, tensorflow_same };

struct ConvolutionShape {
  int64_t in = 0;
  int64_t out = 0;
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t groups = 1;
  Padding padding = Padding::symmetric;
  bool bias = false;
};

class ConvolutionImpl : public torch::nn::Module {
 public:
  explicit ConvolutionImpl(const ConvolutionShape& shape);
  at::Tensor forward(const at::Tensor& images);
  const ConvolutionShape& shape() const { return shape_; }
  bool is_depthwise() const { return shape_.groups > 1 && shape_.groups == shape_.in; }

 private:
  ConvolutionShape shape_;
  at::Tensor weight_;
  at::Tensor bias_;
};
TORCH_MODULE(Convolution);

// [..., in] -> [..., out].
class LinearImpl : public torch::nn::Module {
 public:
  LinearImpl(int64_t in, int64_t out, bool bias = true);
  at::Tensor forward(const at::Tensor& x);

 private:
  at::Tensor weight_;
  at::Tensor bias_;
};
TORCH_MODULE(Linear);

// Query, key and value of self-attention in one matrix, one below the other. They are three mask
// units.
class FusedQkvImpl : public LinearImpl {
 public:
  explicit FusedQkvImpl(int64_t width, bool bias = true) : LinearImpl(width, 3 * width, bias) {}
};
TORCH_MODULE(FusedQkv);

// x * gamma, with a factor for each channel of the last dimension (Touvron et al. 2021, arXiv
// 2103.17239).
class LayerScaleImpl : public torch::nn::Module {
 public:
  explicit LayerScaleImpl(int64_t width, double start = 1e-5);
  at::Tensor forward(const at::Tensor& x);

 private:
  at::Tensor gamma_;
};
TORCH_MODULE(LayerScale);

// torch.nn.BatchNorm2d, over the images of all processes where SyncBatchNorm says so
// (parallel/batch_norm.h).
class BatchNormImpl : public torch::nn::BatchNorm2dImpl {
 public:
  using BatchNorm2dImpl::BatchNorm2dImpl;
  at::Tensor forward(const at::Tensor& maps);
};
TORCH_MODULE(BatchNorm);

// A Sequential that may be part of a Sequential.
class ChainImpl : public torch::nn::SequentialImpl {
 public:
  using SequentialImpl::SequentialImpl;
  at::Tensor forward(const at::Tensor& x) { return SequentialImpl::forward(x); }
};
TORCH_MODULE(Chain);

Convolution conv3x3(int64_t in, int64_t out, int64_t stride = 1);
Convolution conv1x1(int64_t in, int64_t out, int64_t stride = 1);
BatchNorm batch_norm(int64_t channels, double epsilon = 1e-5);

at::Tensor global_average_pool(const at::Tensor& maps);  // [N, C, H, W] -> [N, C]

// The stage of a parameter in a ResNet: "layer3.0.conv1.weight" -> 3; 0 for a parameter outside of
// the layers.
int64_t layer_number(std::string_view parameter);

}  // namespace submask
