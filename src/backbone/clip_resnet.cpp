// CLIP's image tower that is a ResNet: Radford et al. 2021 (arXiv 2103.00020), section 2.4, with
// OpenAI's names. It differs from a ResNet in three ways: the stem has three convolutions, blocks
// use average pooling instead of strides, and features are pooled by attention.

#include <array>
#include <memory>

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <torch/nn/modules/container/sequential.h>

#include "backbone/attention.h"
#include "backbone/backbone_registry.h"
#include "backbone/clip_preprocessing.h"
#include "backbone/layers.h"
#include "backbone/network.h"
#include "backbone/position_table.h"

namespace submask {
namespace {

at::Tensor halve(const at::Tensor& maps) { return at::avg_pool2d(maps, /*kernel_size=*/2); }

class PooledBottleneckImpl : public torch::nn::Module {
 public:
  static constexpr int64_t expansion = 4;

  PooledBottleneckImpl(int64_t in, int64_t planes, bool halves)
      : halves_(halves),
        conv1_(register_module("conv1", conv1x1(in, planes))),
        bn1_(register_module("bn1", batch_norm(planes))),
        conv2_(register_module("conv2", conv3x3(planes, planes))),
        bn2_(register_module("bn2", batch_norm(planes))),
        conv3_(register_module("conv3", conv1x1(planes, planes * expansion))),
        bn3_(register_module("bn3", batch_norm(planes * expansion))) {
    if (!halves && in == planes * expansion) return;
    downsample_ = register_module(
        "downsample",
        torch::nn::Sequential(conv1x1(in, planes * expansion), batch_norm(planes * expansion)));
  }

  at::Tensor forward(const at::Tensor& x) {
    at::Tensor inner = bn1_->forward(conv1_->forward(x)).relu_();
    inner = bn2_->forward(conv2_->forward(inner)).relu_();
    if (halves_) inner = halve(inner);
    inner = bn3_->forward(conv3_->forward(inner));
    if (!downsample_) return inner.add_(x).relu_();
    return inner.add_(downsample_->forward(halves_ ? halve(x) : x)).relu_();
  }

 private:
  bool halves_;
  Convolution conv1_;
  BatchNorm bn1_;
  Convolution conv2_;
  BatchNorm bn2_;
  Convolution conv3_;
  BatchNorm bn3_;
  torch::nn::Sequential downsample_{nullptr};
};
TORCH_MODULE(PooledBottleneck);

// The mean of all cells attends to itself and to every cell: [N, in, H, W] -> [N, out].
class AttentionPoolImpl : public torch::nn::Module {
 public:
  AttentionPoolImpl(int64_t side, int64_t in, int64_t heads, int64_t out)
      : heads_(heads),
        positions_(register_parameter("positional_embedding", at::empty({1 + side * side, in}))),
        k_proj_(register_module("k_proj", Linear(in, in))),
        q_proj_(register_module("q_proj", Linear(in, in))),
        v_proj_(register_module("v_proj", Linear(in, in))),
        c_proj_(register_module("c_proj", Linear(in, out))) {}

  at::Tensor forward(const at::Tensor& maps) {
    const at::Tensor cells = maps.flatten(2).transpose(1, 2);
    const at::Tensor tokens = at::cat({cells.mean(1, /*keepdim=*/true), cells}, 1) +
                              resize_positions(positions_, maps.size(2), maps.size(3));
    const at::Tensor pooled = attend(q_proj_->forward(tokens.narrow(1, 0, 1)),
                                     k_proj_->forward(tokens), v_proj_->forward(tokens), heads_);
    return c_proj_->forward(pooled.squeeze(1));
  }

  const at::Tensor& positions() const { return positions_; }

 private:
  int64_t heads_;
  at::Tensor positions_;
  Linear k_proj_, q_proj_, v_proj_, c_proj_;
};
TORCH_MODULE(AttentionPool);

struct ClipResNetShape {
  int64_t width = 64;  // of the stem; the four stages are 4, 8, 16 and 32 times as wide
  std::array<int64_t, 4> blocks{};
  int64_t heads = 32;
  int64_t feature_width = 1024;
};

class ClipResNet final : public Network {
 public:
  explicit ClipResNet(const ClipResNetShape& shape) {
    const int64_t half = shape.width / 2;
    add_stem_part(0, {.in = 3, .out = half, .kernel = 3, .stride = 2});
    add_stem_part(1, {.in = half, .out = half, .kernel = 3});
    add_stem_part(2, {.in = half, .out = shape.width, .kernel = 3});
    int64_t in = shape.width, planes = shape.width;
    for (size_t i = 0; i < layers_.size(); ++i, planes *= 2) {
      layers_[i] = register_module("layer" + std::to_string(i + 1), torch::nn::Sequential());
      for (int64_t block = 0; block < shape.blocks[i]; ++block) {
        layers_[i]->push_back(PooledBottleneck(in, planes, block == 0 && i > 0));
        in = planes * PooledBottleneckImpl::expansion;
      }
    }
    constexpr int64_t side = 224 / 32;
    attnpool_ =
        register_module("attnpool", AttentionPool(side, in, shape.heads, shape.feature_width));
  }

  at::Tensor forward_features(const at::Tensor& images) override {
    at::Tensor x = images;
    for (size_t i = 0; i < stem_.size(); ++i)
      x = stem_norms_[i]->forward(stem_[i]->forward(x)).relu_();
    x = halve(x);
    for (torch::nn::Sequential& layer : layers_) x = layer->forward(x);
    return attnpool_->forward(x);
  }

  // The attention pool is in the stage of the last layer.
  int64_t stage_of(std::string_view parameter) const override {
    return parameter.starts_with("attnpool.") ? 4 : layer_number(parameter);
  }

  at::Tensor fit_tensor(const std::string& name, const at::Tensor& tensor) const override {
    return name == "attnpool.positional_embedding" ? fit_positions(tensor, attnpool_->positions())
                                                   : tensor;
  }

 private:
  void add_stem_part(size_t i, const ConvolutionShape& shape) {
    const std::string number = std::to_string(i + 1);
    stem_[i] = register_module("conv" + number, Convolution(shape));
    stem_norms_[i] = register_module("bn" + number, batch_norm(shape.out));
  }

  std::array<Convolution, 3> stem_{nullptr, nullptr, nullptr};
  std::array<BatchNorm, 3> stem_norms_{nullptr, nullptr, nullptr};
  std::array<torch::nn::Sequential, 4> layers_;
  AttentionPool attnpool_{nullptr};
};

}  // namespace

std::vector<BackboneEntry> clip_resnet_entries() {
  const ClipResNetShape shape{.blocks = {3, 4, 6, 3}};
  BackboneInfo info;
  info.name = "rn50-clip";
  info.family = "CLIP ResNet";
  info.quick_gelu = true;  // of the text tower
  info.feature_width = shape.feature_width;
  info.parameters = 38'316'896;
  info.head_name = "classifier";
  info.stages = 4;
  info.preprocessing = clip_preprocessing();
  info.weights_source = "OpenAI (github.com/openai/CLIP) or open_clip (huggingface.co/timm)";
  return {{info, [shape] { return std::make_shared<ClipResNet>(shape); }}};
}

}  // namespace submask
