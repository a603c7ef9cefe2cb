// Vision transformers for images alone, with timm's names. The part after a dot names weights with
// another preprocessing or pooling.

#include <array>
#include <memory>

#include "backbone/backbone_registry.h"
#include "backbone/vision_transformer.h"
#include "naming/vit_layouts.h"

namespace submask {
namespace {

// Dosovitskiy et al. 2020, table 1; tiny and small from Touvron et al. 2020 (arXiv 2012.12877).
constexpr VisionTransformerShape tiny{.width = 192, .depth = 12, .heads = 3};
constexpr VisionTransformerShape small{.width = 384, .depth = 12, .heads = 6};
constexpr VisionTransformerShape base{.width = 768, .depth = 12, .heads = 12};
constexpr VisionTransformerShape large{.width = 1024, .depth = 24, .heads = 16};

constexpr VisionTransformerShape with_patch(VisionTransformerShape shape, int64_t patch) {
  shape.patch = patch;
  return shape;
}

constexpr VisionTransformerShape with_heads(VisionTransformerShape shape, int64_t heads) {
  shape.heads = heads;
  return shape;
}

constexpr VisionTransformerShape pooled_by_mean(VisionTransformerShape shape) {
  shape.mean_pooling = true;
  return shape;
}

// Oquab et al. 2023 (arXiv 2304.07193). Positions were learned at 518 pixels.
constexpr VisionTransformerShape dinov2(VisionTransformerShape shape) {
  shape.patch = 14;
  shape.image_size = 518;
  shape.layer_scale = true;
  return shape;
}

constexpr VisionTransformerShape with_registers(VisionTransformerShape shape) {
  shape.registers = 4;
  return shape;
}

constexpr VisionTransformerShape distilled(VisionTransformerShape shape) {
  shape.distilled = true;
  return shape;
}

// Where weights are published, and how their authors prepare images.
struct Source {
  const char* where;
  bool half_mean;  // mean and deviation .5; else those of ImageNet
  double crop_share;
  Interpolation interpolation;
};

constexpr Source augreg{"timm (huggingface.co/timm), google/vit-* at huggingface.co", true, 0.9,
                        Interpolation::bicubic};
constexpr Source dino{"github.com/facebookresearch/dino or timm (huggingface.co/timm)", false, 0.9,
                      Interpolation::bicubic};
constexpr Source mae{"github.com/facebookresearch/mae, timm or facebook/vit-mae-* (huggingface.co)",
                     false, 0.9, Interpolation::bicubic};
constexpr Source deit{
    "timm (huggingface.co/timm) or facebook/deit-*-distilled-patch16-224 (huggingface.co)", false,
    0.9, Interpolation::bicubic};
constexpr Source moco_v3{"github.com/facebookresearch/moco-v3", false, 0.875,
                         Interpolation::bilinear};
constexpr Source dino_v2{
    "github.com/facebookresearch/dinov2, timm or facebook/dinov2-* "
    "(huggingface.co)",
    false, 1.0, Interpolation::bicubic};

struct Member {
  const char* name;
  VisionTransformerShape shape;
  int64_t parameters;
  Source source;
};

constexpr std::array members{
    Member{"vit_tiny_patch16_224", tiny, 5'524'416, augreg},
    Member{"vit_small_patch32_224", with_patch(small, 32), 22'493'952, augreg},
    Member{"vit_small_patch16_224", small, 21'665'664, augreg},
    Member{"vit_base_patch32_224", with_patch(base, 32), 87'455'232, augreg},
    Member{"vit_base_patch16_224", base, 85'798'656, augreg},
    Member{"vit_base_patch8_224", with_patch(base, 8), 85'807'872, augreg},
    Member{"vit_large_patch16_224", large, 303'301'632, augreg},
    Member{"vit_small_patch16_224.dino", small, 21'665'664, dino},
    Member{"vit_small_patch8_224.dino", with_patch(small, 8), 21'670'272, dino},
    Member{"vit_base_patch16_224.dino", base, 85'798'656, dino},
    Member{"vit_base_patch8_224.dino", with_patch(base, 8), 85'807'872, dino},
    // MoCo v3's small transformer has 12 heads; the shapes of its tensors do not show this.
    Member{"vit_small_patch16_224.mocov3", with_heads(small, 12), 21'665'664, moco_v3},
    Member{"vit_base_patch16_224.mocov3", base, 85'798'656, moco_v3},
    Member{"vit_base_patch16_224.mae", base, 85'798'656, mae},
    Member{"vit_large_patch16_224.mae", large, 303'301'632, mae},
    // Pooled as in MAE's fine-tuning. The norm of a pretraining file becomes fc_norm.
    Member{"vit_base_patch16_224.mae_mean", pooled_by_mean(base), 85'798'656, mae},
    Member{"vit_large_patch16_224.mae_mean", pooled_by_mean(large), 303'301'632, mae},
    Member{"vit_small_patch14_dinov2", dinov2(small), 22'056'192, dino_v2},
    Member{"vit_base_patch14_dinov2", dinov2(base), 86'579'712, dino_v2},
    Member{"vit_large_patch14_dinov2", dinov2(large), 304'367'616, dino_v2},
    // Darcet et al. 2023 (arXiv 2309.16588).
    Member{"vit_small_patch14_reg4_dinov2", with_registers(dinov2(small)), 22'057'728, dino_v2},
    Member{"vit_base_patch14_reg4_dinov2", with_registers(dinov2(base)), 86'582'784, dino_v2},
    Member{"vit_large_patch14_reg4_dinov2", with_registers(dinov2(large)), 304'371'712, dino_v2},
    // Their two classifiers, one a token, are not read.
    Member{"deit_tiny_distilled_patch16_224", distilled(tiny), 5'524'800, deit},
    Member{"deit_small_distilled_patch16_224", distilled(small), 21'666'432, deit},
    Member{"deit_base_distilled_patch16_224", distilled(base), 85'800'192, deit}};

std::vector<CheckpointLayout> layouts_of(const VisionTransformerShape& shape) {
  if (!shape.mean_pooling) return vit_layouts("norm");
  std::vector<CheckpointLayout> layouts = vit_layouts("fc_norm");
  layouts.push_back(mae_pretraining_layout());
  return layouts;
}

BackboneEntry make_entry(const Member& member) {
  BackboneInfo info;
  info.name = member.name;
  info.family = "ViT";
  info.feature_width = member.shape.width;
  info.parameters = member.parameters;
  info.head_name = "head";
  info.stages = member.shape.depth;
  info.preprocessing.crop_share = member.source.crop_share;
  info.preprocessing.interpolation = member.source.interpolation;
  if (member.source.half_mean) info.preprocessing.mean = info.preprocessing.std = {0.5, 0.5, 0.5};
  info.defaults.rate = 10;
  info.weights_source = member.source.where;
  return {info, [shape = member.shape] {
            return std::make_shared<VisionTransformer>(shape, layouts_of(shape));
          }};
}

}  // namespace

std::vector<BackboneEntry> vit_entries() {
  std::vector<BackboneEntry> entries;
  entries.reserve(std::size(members));
  for (const Member& member : members) entries.push_back(make_entry(member));
  return entries;
}

}  // namespace submask
