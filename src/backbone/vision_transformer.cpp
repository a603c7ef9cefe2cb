#include "backbone/vision_transformer.h"

#include <charconv>

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

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
  if (shape.distilled) dist_token_ = register_parameter("dist_token", at::empty({1, 1, width}));
  if (shape.registers > 0)
    reg_token_ = register_parameter("reg_token", at::empty({1, shape.registers, width}));
  pos_embed_ =
      register_parameter("pos_embed", at::empty({1, positioned_tokens() + side * side, width}));
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
  const auto for_each_image = [&](const at::Tensor& token) {
    return token.expand({images.size(0), -1, -1});
  };
  std::vector<at::Tensor> tokens{for_each_image(cls_token_)};
  if (shape_.distilled) tokens.push_back(for_each_image(dist_token_));
  tokens.push_back(patches);
  at::Tensor placed =
      at::cat(tokens, 1) + resize_positions(pos_embed_, rows, columns, positioned_tokens());
  if (shape_.registers == 0) return placed;
  return at::cat({placed.slice(1, 0, 1), for_each_image(reg_token_), placed.slice(1, 1)}, 1);
}

at::Tensor VisionTransformer::forward_features(const at::Tensor& images) {
  at::Tensor x = embed(images);
  if (norm_pre_) x = norm_pre_->forward(x);
  x = blocks_->forward(x);
  if (shape_.distilled)
    x = norm_->forward(x.slice(1, 0, 2)).mean(1);
  else if (shape_.mean_pooling)
    x = norm_->forward(x.slice(1, 1 + shape_.registers).mean(1));
  else
    x = norm_->forward(x.select(1, 0));
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
  if (name != "pos_embed") return tensor;
  // timm's ViTs with registers have no position of the class token.
  const bool lacks_class = shape_.registers > 0 && tensor.dim() == 3 && is_square(tensor.size(1));
  if (!lacks_class) return tensor.dim() == 2 ? tensor.unsqueeze(0) : tensor;
  const at::Tensor none = at::zeros({1, 1, tensor.size(2)}, tensor.options());
  return at::cat({none, tensor}, 1);
}

// Positions of another grid stay as they are, and are resized to the images' grid when it is known:
// resized twice they would lose what lies between.
bool VisionTransformer::takes_shape_of(const std::string& name, const at::Tensor& tensor) const {
  return name == "pos_embed" && tensor.is_floating_point() && tensor.dim() == 3 &&
         tensor.size(0) == 1 && tensor.size(2) == pos_embed_.size(2) &&
         is_square(tensor.size(1) - positioned_tokens());
}

}  // namespace submask
