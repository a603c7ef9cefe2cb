// ConvNeXt: Liu et al. 2022 (arXiv 2201.03545), figure 4 and section 2, with timm's names. Maps
// have the shape [N, C, H, W] but are channels last in memory, so that norms over channels and
// linear layers need no copy.

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <ATen/ops/addcmul.h>
#include <ATen/ops/full.h>
#include <ATen/ops/gelu.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/normalization.h>

#include "backbone/backbone_registry.h"
#include "backbone/layers.h"
#include "backbone/network.h"
#include "naming/convnext_names.h"

namespace submask {
namespace {

torch::nn::LayerNormOptions norm_options(int64_t width) {
  return torch::nn::LayerNormOptions({width}).eps(1e-6);
}

at::Tensor channels_last(const at::Tensor& maps) { return maps.permute({0, 2, 3, 1}); }
at::Tensor channels_first(const at::Tensor& maps) { return maps.permute({0, 3, 1, 2}); }

// A layer norm over the channels of [N, C, H, W].
class ChannelNormImpl : public torch::nn::LayerNormImpl {
 public:
  explicit ChannelNormImpl(int64_t channels) : LayerNormImpl(norm_options(channels)) {}

  at::Tensor forward(const at::Tensor& maps) {
    return channels_first(LayerNormImpl::forward(channels_last(maps)));
  }
};
TORCH_MODULE(ChannelNorm);

// A convolution over patches of `size` x `size` that do not overlap.
Convolution make_patch_convolution(int64_t in, int64_t out, int64_t size) {
  return Convolution(ConvolutionShape{.in = in,
                                      .out = out,
                                      .kernel = size,
                                      .stride = size,
                                      .padding = Padding::none,
                                      .bias = true});
}

class ExpandingMlpImpl : public torch::nn::Module {
 public:
  explicit ExpandingMlpImpl(int64_t width)
      : fc1_(register_module("fc1", Linear(width, 4 * width))),
        fc2_(register_module("fc2", Linear(4 * width, width))) {}

  at::Tensor forward(const at::Tensor& x) { return fc2_->forward(at::gelu(fc1_->forward(x))); }

 private:
  Linear fc1_;
  Linear fc2_;
};
TORCH_MODULE(ExpandingMlp);

class ConvNeXtBlockImpl : public torch::nn::Module {
 public:
  explicit ConvNeXtBlockImpl(int64_t width)
      : conv_dw_(register_module(
            "conv_dw",
            Convolution(ConvolutionShape{
                .in = width, .out = width, .kernel = 7, .groups = width, .bias = true}))),
        norm_(register_module("norm", torch::nn::LayerNorm(norm_options(width)))),
        mlp_(register_module("mlp", ExpandingMlp(width))),
        gamma_(register_parameter("gamma", at::full({width}, 1e-6))) {}

  at::Tensor forward(const at::Tensor& x) {
    const at::Tensor filtered = norm_->forward(channels_last(conv_dw_->forward(x)));
    return channels_first(at::addcmul(channels_last(x), mlp_->forward(filtered), gamma_));
  }

 private:
  Convolution conv_dw_;
  torch::nn::LayerNorm norm_;
  ExpandingMlp mlp_;
  at::Tensor gamma_;
};
TORCH_MODULE(ConvNeXtBlock);

class ConvNeXtStageImpl : public torch::nn::Module {
 public:
  ConvNeXtStageImpl(int64_t in, int64_t width, int64_t blocks) {
    if (in != width) {
      downsample_ = register_module(
          "downsample",
          torch::nn::Sequential(ChannelNorm(in), make_patch_convolution(in, width, 2)));
    }
    blocks_ = register_module("blocks", torch::nn::Sequential());
    for (int64_t i = 0; i < blocks; ++i) blocks_->push_back(ConvNeXtBlock(width));
  }

  at::Tensor forward(const at::Tensor& x) {
    return blocks_->forward(downsample_ ? downsample_->forward(x) : x);
  }

 private:
  torch::nn::Sequential downsample_{nullptr};
  torch::nn::Sequential blocks_{nullptr};
};
TORCH_MODULE(ConvNeXtStage);

class HeadNormImpl : public torch::nn::Module {
 public:
  explicit HeadNormImpl(int64_t width)
      : norm_(register_module("norm", torch::nn::LayerNorm(norm_options(width)))) {}

  at::Tensor forward(const at::Tensor& features) { return norm_->forward(features); }

 private:
  torch::nn::LayerNorm norm_;
};
TORCH_MODULE(HeadNorm);

using StageBlocks = std::array<int64_t, 4>;
constexpr int64_t stage_count = 4;

class ConvNeXt final : public Network {
 public:
  ConvNeXt(int64_t width, const StageBlocks& blocks)
      : stem_(register_module("stem", torch::nn::Sequential(make_patch_convolution(3, width, 4),
                                                            ChannelNorm(width)))),
        stages_(register_module("stages", torch::nn::Sequential())),
        head_(nullptr) {
    int64_t in = width;
    for (const int64_t count : blocks) {
      stages_->push_back(ConvNeXtStage(in, width, count));
      in = width;
      width *= 2;
    }
    head_ = register_module("head", HeadNorm(in));
  }

  at::Tensor forward_features(const at::Tensor& images) override {
    return head_->forward(global_average_pool(stages_->forward(stem_->forward(images))));
  }

  int64_t stage_of(std::string_view parameter) const override {
    constexpr std::string_view prefix = "stages.";
    if (parameter.starts_with(prefix)) return parameter[prefix.size()] - '0' + 1;
    return parameter.starts_with("stem.") ? 0 : stage_count;
  }

  std::vector<CheckpointLayout> layouts() const override { return convnext_layouts(); }

 private:
  torch::nn::Sequential stem_;
  torch::nn::Sequential stages_;
  HeadNorm head_;
};

BackboneEntry make_entry(const std::string& size, int64_t parameters, int64_t width,
                         const StageBlocks& blocks) {
  BackboneInfo info;
  info.name = "convnext_" + size;
  info.family = "ConvNeXt";
  info.feature_width = width << (stage_count - 1);
  info.parameters = parameters;
  info.head_name = "head.fc";
  info.stages = stage_count;
  info.preprocessing.crop_share = size == "base" ? 0.875 : 0.95;
  info.defaults = {.update_rule = UpdateRule::adam, .rate = 0.05, .head_rate = 3e-3};
  info.weights_source = "timm (huggingface.co/timm, " + info.name +
                        (size == "base" ? ".fb_in22k_ft_in1k" : ".in12k_ft_in1k") +
                        "), torchvision or huggingface.co/facebook";
  return {info, [width, blocks] { return std::make_shared<ConvNeXt>(width, blocks); }};
}

}  // namespace

// The preprocessing is that of the weights in weights_source.
std::vector<BackboneEntry> convnext_entries() {
  return {make_entry("tiny", 27'820'128, 96, {3, 3, 9, 3}),
          make_entry("small", 49'454'688, 96, {3, 3, 27, 3}),
          make_entry("base", 87'566'464, 128, {3, 3, 27, 3})};
}

}  // namespace submask
