// CLIP's image towers that are vision transformers: Radford et al. 2021 (arXiv 2103.00020), with
// timm's names for its parts. Features are the projected class token.

#include <memory>
#include <tuple>

#include "backbone/backbone_registry.h"
#include "backbone/clip_activation.h"
#include "backbone/clip_preprocessing.h"
#include "backbone/vision_transformer.h"
#include "naming/vit_layouts.h"

namespace submask {
namespace {

BackboneEntry make_entry(const std::string& name, int64_t parameters, VisionTransformerShape shape,
                         Activation activation) {
  shape.activation = activation;
  shape.norm_epsilon = 1e-5;
  shape.pre_norm = true;
  BackboneInfo info;
  info.name = name;
  info.quick_gelu = activation == Activation::quick_gelu;
  info.family = "CLIP ViT";
  info.feature_width = shape.projection;
  info.parameters = parameters;
  info.head_name = "classifier";  // "head" is the projection in timm
  info.stages = shape.depth;
  info.preprocessing = clip_preprocessing();
  info.defaults.rate = 10;
  info.weights_source =
      info.quick_gelu
          ? "OpenAI (github.com/openai/CLIP), open_clip or openai/clip-vit-* (huggingface.co)"
          : "LAION and others: open_clip, timm or laion/CLIP-ViT-* (huggingface.co)";
  return {info, [shape] { return std::make_shared<VisionTransformer>(shape, clip_layouts()); }};
}

}  // namespace

std::vector<BackboneEntry> clip_vit_entries() {
  const VisionTransformerShape base{.width = 768, .depth = 12, .heads = 12, .projection = 512};
  VisionTransformerShape b32 = base, b16 = base;
  b32.patch = 32;
  b16.patch = 16;
  const VisionTransformerShape l14{
      .width = 1024, .depth = 24, .heads = 16, .patch = 14, .projection = 768};
  std::vector<BackboneEntry> entries;
  for (const Activation activation : {Activation::quick_gelu, Activation::gelu})
    for (const auto& [name, parameters, shape] : {std::tuple("vitb32-clip", 87'849'216, b32),
                                                  {"vitb16-clip", 86'192'640, b16},
                                                  {"vitl14-clip", 303'966'208, l14}})
      entries.push_back(
          make_entry(activation == Activation::quick_gelu ? std::string(name) : clip_twin(name),
                     parameters, shape, activation));
  return entries;
}

}  // namespace submask
