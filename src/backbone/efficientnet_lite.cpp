// EfficientNet-Lite0: the B0 network of Tan and Le 2019 (arXiv 1905.11946), table 1, with the
// changes of its Lite form: no squeeze-and-excitation, ReLU6 for swish, stem and head of fixed
// width. timm's names for tf_efficientnet_lite0; the weights come from TensorFlow, hence its
// padding and its batch-norm epsilon.

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <ATen/ops/relu6.h>
#include <torch/nn/modules/container/sequential.h>

#include "backbone/efficientnet_names.h"
#include "backbone/layers.h"
#include "backbone/network.h"

namespace submask {
namespace {

struct StageShape {
  int64_t kernel, stride, expansion, out, blocks;
};

constexpr std::array<StageShape, 7> stages{{{3, 1, 1, 16, 1},
                                            {3, 2, 6, 24, 2},
                                            {5, 2, 6, 40, 2},
                                            {3, 2, 6, 80, 3},
                                            {5, 1, 6, 112, 3},
                                            {5, 2, 6, 192, 4},
                                            {3, 1, 6, 320, 1}}};
constexpr int64_t stem_width = 32;
constexpr int64_t head_width = 1280;

torch::nn::BatchNorm2d norm(int64_t channels) { return batch_norm(channels, 1e-3); }

Convolution depthwise(int64_t channels, int64_t kernel, int64_t stride) {
  return Convolution(ConvolutionShape{.in = channels,
                                      .out = channels,
                                      .kernel = kernel,
                                      .stride = stride,
                                      .groups = channels,
                                      .padding = Padding::tensorflow_same});
}

// conv_dw and conv_pw: the first stage, which does not expand.
class SeparableBlockImpl : public torch::nn::Module {
 public:
  SeparableBlockImpl(int64_t in, const StageShape& shape)
      : conv_dw_(register_module("conv_dw", depthwise(in, shape.kernel, shape.stride))),
        bn1_(register_module("bn1", norm(in))),
        conv_pw_(register_module("conv_pw", conv1x1(in, shape.out))),
        bn2_(register_module("bn2", norm(shape.out))) {}

  at::Tensor forward(const at::Tensor& x) {
    at::Tensor inner = bn1_->forward(conv_dw_->forward(x));
    return bn2_->forward(conv_pw_->forward(at::relu6_(inner)));
  }

 private:
  Convolution conv_dw_;
  torch::nn::BatchNorm2d bn1_;
  Convolution conv_pw_;
  torch::nn::BatchNorm2d bn2_;
};
TORCH_MODULE(SeparableBlock);

// Expand (conv_pw), filter each channel (conv_dw), project (conv_pwl); no activation after the
// projection.
class InvertedBlockImpl : public torch::nn::Module {
 public:
  InvertedBlockImpl(int64_t in, int64_t stride, const StageShape& shape)
      : has_shortcut_(stride == 1 && in == shape.out),
        conv_pw_(register_module("conv_pw", conv1x1(in, in * shape.expansion))),
        bn1_(register_module("bn1", norm(in * shape.expansion))),
        conv_dw_(register_module("conv_dw", depthwise(in * shape.expansion, shape.kernel, stride))),
        bn2_(register_module("bn2", norm(in * shape.expansion))),
        conv_pwl_(register_module("conv_pwl", conv1x1(in * shape.expansion, shape.out))),
        bn3_(register_module("bn3", norm(shape.out))) {}

  at::Tensor forward(const at::Tensor& x) {
    at::Tensor inner = bn1_->forward(conv_pw_->forward(x));
    inner = bn2_->forward(conv_dw_->forward(at::relu6_(inner)));
    inner = bn3_->forward(conv_pwl_->forward(at::relu6_(inner)));
    return has_shortcut_ ? inner.add_(x) : inner;
  }

 private:
  bool has_shortcut_;
  Convolution conv_pw_;
  torch::nn::BatchNorm2d bn1_;
  Convolution conv_dw_;
  torch::nn::BatchNorm2d bn2_;
  Convolution conv_pwl_;
  torch::nn::BatchNorm2d bn3_;
};
TORCH_MODULE(InvertedBlock);

class StagesImpl : public torch::nn::Module {
 public:
  StagesImpl() {
    int64_t in = stem_width;
    for (const StageShape& shape : stages) {
      torch::nn::Sequential stage;
      for (int64_t i = 0; i < shape.blocks; ++i) {
        if (shape.expansion == 1) {
          stage->push_back(SeparableBlock(in, shape));
        } else {
          stage->push_back(InvertedBlock(in, i == 0 ? shape.stride : 1, shape));
        }
        in = shape.out;
      }
      stages_.push_back(register_module(std::to_string(stages_.size()), stage));
    }
  }

  at::Tensor forward(at::Tensor x) {
    for (torch::nn::Sequential& stage : stages_) x = stage->forward(x);
    return x;
  }

 private:
  std::vector<torch::nn::Sequential> stages_;
};
TORCH_MODULE(Stages);

class EfficientNetLite0 final : public Network {
 public:
  EfficientNetLite0()
      : conv_stem_(register_module(
            "conv_stem", Convolution(ConvolutionShape{.in = 3,
                                                      .out = stem_width,
                                                      .kernel = 3,
                                                      .stride = 2,
                                                      .padding = Padding::tensorflow_same}))),
        bn1_(register_module("bn1", norm(stem_width))),
        blocks_(register_module("blocks", Stages())),
        conv_head_(register_module("conv_head", conv1x1(stages.back().out, head_width))),
        bn2_(register_module("bn2", norm(head_width))) {}

  at::Tensor forward_features(const at::Tensor& images) override {
    at::Tensor stem = bn1_->forward(conv_stem_->forward(images));
    const at::Tensor maps = blocks_->forward(at::relu6_(stem));
    at::Tensor head = bn2_->forward(conv_head_->forward(maps));
    return global_average_pool(at::relu6_(head));
  }

  int64_t stage_of(std::string_view parameter) const override {
    constexpr std::string_view prefix = "blocks.";
    if (parameter.starts_with(prefix)) return parameter[prefix.size()] - '0' + 1;
    const bool is_stem = parameter.starts_with("conv_stem.") || parameter.starts_with("bn1.");
    return is_stem ? 0 : static_cast<int64_t>(stages.size()) + 1;
  }

  std::string canonical_name(const std::string& name) const override {
    std::array<int64_t, stages.size()> blocks{};
    std::transform(stages.begin(), stages.end(), blocks.begin(),
                   [](const StageShape& stage) { return stage.blocks; });
    return from_efficientnet_pytorch(name, blocks);
  }

 private:
  Convolution conv_stem_;
  torch::nn::BatchNorm2d bn1_;
  Stages blocks_;
  Convolution conv_head_;
  torch::nn::BatchNorm2d bn2_;
};

}  // namespace

std::shared_ptr<Network> make_efficientnet_lite0() { return std::make_shared<EfficientNetLite0>(); }

}  // namespace submask
