// The vision transformer of Dosovitskiy et al. 2020 (arXiv 2010.11929) with timm's names. All
// published ones are this class with another VisionTransformerShape.
#pragma once

#include <vector>

#include <torch/nn/modules/container/sequential.h>

#include "backbone/attention.h"
#include "backbone/network.h"

namespace submask {

struct VisionTransformerShape {
  int64_t width = 0;
  int64_t depth = 0;
  int64_t heads = 0;
  int64_t patch = 16;        // pixels
  int64_t image_size = 224;  // pixels; position tables have this size in patches
  Activation activation = Activation::gelu;
  double norm_epsilon = 1e-6;
  bool pre_norm = false;  // a norm before the first block, and no bias in the patch embedding
  bool layer_scale = false;
  bool mean_pooling = false;  // features are the mean of the patches, else the class token
  bool distilled = false;     // a second token; features are the mean of both (DeiT)
  int64_t registers = 0;      // tokens without a position between class token and patches
  int64_t projection = 0;     // width to which features are projected, without bias; 0: none
};

// Takes images of any size in whole patches. Positions are resized to the grid of the patches.
class VisionTransformer final : public Network {
 public:
  VisionTransformer(const VisionTransformerShape& shape, std::vector<CheckpointLayout> layouts);

  at::Tensor forward_features(const at::Tensor& images) override;

  // 0 for the embeddings, i + 1 for block i. Layers after the blocks are in the stage of the last
  // block.
  int64_t stage_of(std::string_view parameter) const override;

  std::vector<CheckpointLayout> layouts() const override { return layouts_; }
  at::Tensor fit_tensor(const std::string& name, const at::Tensor& tensor) const override;
  bool takes_shape_of(const std::string& name, const at::Tensor& tensor) const override;

 private:
  at::Tensor embed(const at::Tensor& images);
  int64_t positioned_tokens() const { return shape_.distilled ? 2 : 1; }  // before the patches

  VisionTransformerShape shape_;
  std::vector<CheckpointLayout> layouts_;
  at::Tensor cls_token_, dist_token_, reg_token_;  // the last two only where there are such
  at::Tensor pos_embed_;
  Convolution patches_{nullptr};
  torch::nn::LayerNorm norm_pre_{nullptr};
  torch::nn::Sequential blocks_;
  torch::nn::LayerNorm norm_{nullptr};
  Linear projection_{nullptr};
};

}  // namespace submask
