#include "backbone/vision_transformer.h"

#include <charconv>

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include "backbone/position_table.h"
#include "backbone/tensor_text.h"
#include "base/fail.h"

namespace submask {
namespace {

// A module around the convolution, so that its name is timm's patch_embed.proj.
class PatchEmbedding : public torch::nn::Module {
 public:
  explicit PatchEmbedding(const ConvolutionShape& shape)
      : proj(register_module("proj", Convolution(shape))) {}
  const Convolution proj;
};

BlockShape block_shape(const VisionTransformerShape& shape) {
  return {.width = shape.width,
          .heads = shape.heads,
          .activation = shape.activation,
          .layer_scale = shape.layer_scale,
          .norm_epsilon = shape.norm_epsilon};
}

}  // namespace

VisionTransformer::VisionTransformer(const VisionTransformerShape& shape,
                                     std::vector<CheckpointLayout> layouts)
    : shape_(shape), layouts_(std::move(layouts)) {
  const int64_t width = shape.width, side = shape.image_size / shape.patch;
  cls_token_ = register_parameter("cls_token", at::empty({1, 1, width}));
  pos_embed_ = register_parameter("pos_embed", at::empty({1, 1 + side * side, width}));
  patches_ =
      register_module("patch_embed",
                      std::make_shared<PatchEmbedding>(ConvolutionShape{.in = 3,
                                                                        .out = width,
                                                                        .kernel = shape.patch,
                                                                        .stride = shape.patch,
                                                                        .padding = Padding::none,
                                                                        .bias = !shape.pre_norm}))
          ->proj;
  if (shape.pre_norm)
    norm_pre_ = register_module("norm_pre", layer_norm(width, shape.norm_epsilon));
  blocks_ = register_module("blocks", torch::nn::Sequential());
  for (int64_t i = 0; i < shape.depth; ++i)
    blocks_->push_back(TransformerBlock(block_shape(shape)));
  norm_ = register_module(shape.mean_pooling ? "fc_norm" : "norm",
                          layer_norm(width, shape.norm_epsilon));
  if (shape.projection > 0) {
    projection_ = register_module("projection", Linear(width, shape.projection, /*bias=*/false));
  }
}

at::Tensor VisionTransformer::embed(const at::Tensor& images) {
  const int64_t rows = images.size(2) / shape_.patch, columns = images.size(3) / shape_.patch;
  const bool whole = rows > 0 && columns > 0 && rows * shape_.patch == images.size(2) &&
                     columns * shape_.patch == images.size(3);
  if (!whole) {
    fail_argument(text("images cut into whole patches of ", shape_.patch, " pixels"),
                  "[" + shape_text(images.sizes()) + "]");
  }
  const at::Tensor patches = patches_->forward(images).flatten(2).transpose(1, 2);
  const at::Tensor tokens = at::cat({cls_token_.expand({images.size(0), -1, -1}), patches}, 1);
  return tokens + resize_positions(pos_embed_, rows, columns);
}

at::Tensor VisionTransformer::forward_features(const at::Tensor& images) {
  at::Tensor x = embed(images);
  if (norm_pre_) x = norm_pre_->forward(x);
  x = blocks_->forward(x);
  x = norm_->forward(shape_.mean_pooling ? x.slice(1, 1).mean(1) : x.select(1, 0));
  return projection_ ? projection_->forward(x) : x;
}

int64_t VisionTransformer::stage_of(std::string_view parameter) const {
  constexpr std::string_view blocks = "blocks.";
  if (parameter.starts_with(blocks)) {
    int64_t block = 0;
    parameter.remove_prefix(blocks.size());
    std::from_chars(parameter.data(), parameter.data() + parameter.size(), block);
    return block + 1;
  }
  const bool last = parameter.starts_with("norm.") || parameter.starts_with("fc_norm.") ||
                    parameter.starts_with("projection.");
  return last ? shape_.depth : 0;
}

at::Tensor VisionTransformer::fit_tensor(const std::string& name, const at::Tensor& tensor) const {
  return name == "pos_embed" ? fit_positions(tensor, pos_embed_) : tensor;
}

}  // namespace submask
