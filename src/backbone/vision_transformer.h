// The vision transformer, Dosovitskiy et al. 2020 (arXiv 2010.11929), as timm names its parts; its
// published members differ in VisionTransformerShape only.
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
  int64_t image_size = 224;  // pixels: the position table has one cell a patch of such an image
  Activation activation = Activation::gelu;
  double norm_epsilon = 1e-6;
  bool pre_norm = false;  // tokens are normalised before the first block too; patches have no bias
  bool layer_scale = false;
  bool mean_pooling = false;  // features: the patches' mean, then fc_norm; else the class token
  int64_t projection = 0;     // features are projected to this width, without bias; 0: they are not
};

// Takes images of any size in whole patches: positions are resized to their grid.
class VisionTransformer final : public Network {
 public:
  VisionTransformer(const VisionTransformerShape& shape, std::vector<CheckpointLayout> layouts);

  at::Tensor forward_features(const at::Tensor& images) override;

  // 0 for the embeddings, i + 1 for block i; what follows the blocks counts with the last.
  int64_t stage_of(std::string_view parameter) const override;

  std::vector<CheckpointLayout> layouts() const override { return layouts_; }
  at::Tensor fitted(const std::string& name, const at::Tensor& tensor) const override;

 private:
  at::Tensor embedded(const at::Tensor& images);

  VisionTransformerShape shape_;
  std::vector<CheckpointLayout> layouts_;
  at::Tensor cls_token_;
  at::Tensor pos_embed_;
  Convolution patches_{nullptr};
  torch::nn::LayerNorm norm_pre_{nullptr};
  torch::nn::Sequential blocks_;
  torch::nn::LayerNorm norm_{nullptr};
  Linear projection_{nullptr};
};

}  // namespace submask
