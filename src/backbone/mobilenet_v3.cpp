// MobileNetV3 large and small: Howard et al. 2019 (arXiv 1905.02244), tables 1 and 2, with timm's
// names for mobilenetv3_large_100 and mobilenetv3_small_100. The head's convolution is after the
// pooling, so its activations are the features.

#include <memory>
#include <string>
#include <vector>

#include "backbone/backbone_registry.h"
#include "backbone/layers.h"
#include "backbone/mobile_blocks.h"
#include "backbone/network.h"
#include "naming/mobilenet_names.h"

namespace submask {
namespace {

constexpr auto relu = Activation::relu;
constexpr auto hard_swish = Activation::hard_swish;

// A row of the tables. `stage` is the number of the stage in timm.
struct Row {
  int64_t stage, kernel, stride, expanded, out;
  bool squeezes;
  Activation activation;
};

struct MobileNetShape {
  static constexpr int64_t stem_width = 16;
  std::vector<Row> rows;
  int64_t last_width, head_width;

  int64_t stages() const { return rows.back().stage + 2; }  // the last one is a convolution
};

const MobileNetShape& large_shape() {
  static const MobileNetShape shape{.rows = {{0, 3, 1, 16, 16, false, relu},
                                             {1, 3, 2, 64, 24, false, relu},
                                             {1, 3, 1, 72, 24, false, relu},
                                             {2, 5, 2, 72, 40, true, relu},
                                             {2, 5, 1, 120, 40, true, relu},
                                             {2, 5, 1, 120, 40, true, relu},
                                             {3, 3, 2, 240, 80, false, hard_swish},
                                             {3, 3, 1, 200, 80, false, hard_swish},
                                             {3, 3, 1, 184, 80, false, hard_swish},
                                             {3, 3, 1, 184, 80, false, hard_swish},
                                             {4, 3, 1, 480, 112, true, hard_swish},
                                             {4, 3, 1, 672, 112, true, hard_swish},
                                             {5, 5, 2, 672, 160, true, hard_swish},
                                             {5, 5, 1, 960, 160, true, hard_swish},
                                             {5, 5, 1, 960, 160, true, hard_swish}},
                                    .last_width = 960,
                                    .head_width = 1280};
  return shape;
}

const MobileNetShape& small_shape() {
  static const MobileNetShape shape{.rows = {{0, 3, 2, 16, 16, true, relu},
                                             {1, 3, 2, 72, 24, false, relu},
                                             {1, 3, 1, 88, 24, false, relu},
                                             {2, 5, 2, 96, 40, true, hard_swish},
                                             {2, 5, 1, 240, 40, true, hard_swish},
                                             {2, 5, 1, 240, 40, true, hard_swish},
                                             {3, 5, 1, 120, 48, true, hard_swish},
                                             {3, 5, 1, 144, 48, true, hard_swish},
                                             {4, 5, 2, 288, 96, true, hard_swish},
                                             {4, 5, 1, 576, 96, true, hard_swish},
                                             {4, 5, 1, 576, 96, true, hard_swish}},
                                    .last_width = 576,
                                    .head_width = 1024};
  return shape;
}

class LastBlockImpl : public torch::nn::Module {
 public:
  LastBlockImpl(int64_t in, int64_t out)
      : conv_(register_module("conv", conv1x1(in, out))),
        bn1_(register_module("bn1", batch_norm(out))) {}

  at::Tensor forward(const at::Tensor& x) {
    return activate(bn1_->forward(conv_->forward(x)), hard_swish);
  }

 private:
  Convolution conv_;
  BatchNorm bn1_;
};
TORCH_MODULE(LastBlock);

torch::nn::Sequential make_blocks(const MobileNetShape& shape) {
  std::vector<Chain> stages(static_cast<size_t>(shape.stages()));
  int64_t in = MobileNetShape::stem_width;
  for (const Row& row : shape.rows) {
    const MobileBlockShape block{.in = in,
                                 .expanded = row.expanded,
                                 .out = row.out,
                                 .kernel = row.kernel,
                                 .stride = row.stride,
                                 .activation = row.activation,
                                 .squeezes = row.squeezes};
    if (row.stage == 0) {
      stages.front()->push_back(SeparableBlock(block));
    } else {
      stages[static_cast<size_t>(row.stage)]->push_back(InvertedBlock(block));
    }
    in = row.out;
  }
  stages.back()->push_back(LastBlock(in, shape.last_width));
  torch::nn::Sequential blocks;
  for (const Chain& stage : stages) blocks->push_back(stage);
  return blocks;
}

class MobileNetV3 final : public Network {
 public:
  explicit MobileNetV3(const MobileNetShape& shape)
      : stages_(shape.stages()),
        conv_stem_(register_module("conv_stem", conv3x3(3, MobileNetShape::stem_width, 2))),
        bn1_(register_module("bn1", batch_norm(MobileNetShape::stem_width))),
        blocks_(register_module("blocks", make_blocks(shape))),
        conv_head_(register_module(
            "conv_head", Convolution(ConvolutionShape{
                             .in = shape.last_width, .out = shape.head_width, .bias = true}))) {}

  at::Tensor forward_features(const at::Tensor& images) override {
    const at::Tensor stem = bn1_->forward(conv_stem_->forward(images));
    const at::Tensor maps = blocks_->forward(activate(stem, hard_swish));
    const at::Tensor pooled = maps.mean({2, 3}, /*keepdim=*/true);
    return activate(conv_head_->forward(pooled), hard_swish).flatten(1);
  }

  int64_t stage_of(std::string_view parameter) const override {
    return mobile_stage_of(parameter, stages_);
  }

  std::vector<CheckpointLayout> layouts() const override { return mobilenet_v3_layouts(); }

 private:
  int64_t stages_;
  Convolution conv_stem_;
  BatchNorm bn1_;
  torch::nn::Sequential blocks_;
  Convolution conv_head_;
};

BackboneEntry make_entry(const std::string& size, const std::string& tag, int64_t parameters,
                         const MobileNetShape& shape) {
  BackboneInfo info;
  info.name = "mobilenetv3_" + size + "_100";
  info.family = "MobileNetV3";
  info.feature_width = shape.head_width;
  info.parameters = parameters;
  info.head_name = "classifier";
  info.stages = shape.stages() + 1;
  info.preprocessing.crop_share = 0.875;
  info.defaults = {
      .update_rule = UpdateRule::adam, .rate = 0.05, .head_rate = 3e-3, .fine_tune_rate = 0.01};
  info.weights_source = "timm (huggingface.co/timm, " + info.name + "." + tag +
                        ") or torchvision (mobilenet_v3_" + size + ")";
  return {info, [&shape] { return std::make_shared<MobileNetV3>(shape); }};
}

}  // namespace

std::vector<BackboneEntry> mobilenet_v3_entries() {
  return {make_entry("large", "ra_in1k", 4'202'032, large_shape()),
          make_entry("small", "lamb_in1k", 1'517'856, small_shape())};
}

}  // namespace submask
