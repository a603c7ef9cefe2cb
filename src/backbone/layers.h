// The layers that all convolutional backbones share.
#pragma once

#include <cstdint>
#include <string_view>

#include <ATen/core/Tensor.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/pimpl.h>

namespace submask {

// symmetric: kernel / 2 on every side. tensorflow_same: as much as makes the output ceil(size /
// stride), the odd row or column at the bottom or right.
enum class Padding { symmetric, tensorflow_same };

struct ConvolutionShape {
  int64_t in = 0;
  int64_t out = 0;
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t groups = 1;
  Padding padding = Padding::symmetric;
};

// A convolution without bias. Unlike torch::nn::Conv2d it leaves its weight uninitialised: a
// backbone's weights come from a file or from weight_init.h, never from torch's global generator.
class ConvolutionImpl : public torch::nn::Module {
 public:
  explicit ConvolutionImpl(const ConvolutionShape& shape);
  at::Tensor forward(const at::Tensor& images);
  const ConvolutionShape& shape() const { return shape_; }
  bool is_depthwise() const { return shape_.groups > 1 && shape_.groups == shape_.in; }

 private:
  ConvolutionShape shape_;
  at::Tensor weight_;
};
TORCH_MODULE(Convolution);

Convolution conv3x3(int64_t in, int64_t out, int64_t stride = 1);
Convolution conv1x1(int64_t in, int64_t out, int64_t stride = 1);
torch::nn::BatchNorm2d batch_norm(int64_t channels, double epsilon = 1e-5);

at::Tensor global_average_pool(const at::Tensor& maps);  // [N, C, H, W] -> [N, C]

// "layer3.0.conv1.weight" -> 3; 0 for what lies in no layer: the stages of every ResNet.
int64_t layer_number(std::string_view parameter);

}  // namespace submask
