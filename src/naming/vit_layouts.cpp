#include "naming/vit_layouts.h"

#include <array>

#include "naming/clip_names.h"

namespace submask {
namespace {

constexpr std::array separate{"q", "k", "v"};

constexpr std::array vit_block{Rename{"attention.output.dense.*", "attn.proj.*"},
                               Rename{"attention.o_proj.*", "attn.proj.*"},
                               Rename{"layernorm_before.*", "norm1.*"},
                               Rename{"layernorm_after.*", "norm2.*"},
                               Rename{"intermediate.dense.*", "mlp.fc1.*"},
                               Rename{"output.dense.*", "mlp.fc2.*"},
                               Rename{"norm1.*", "norm1.*"},
                               Rename{"norm2.*", "norm2.*"},
                               Rename{"mlp.*", "mlp.*"},
                               Rename{"layer_scale1.lambda1", "ls1.gamma"},
                               Rename{"layer_scale2.lambda1", "ls2.gamma"}};

// The names of transformers below `outer`: "vit." or "deit." where the file has a classifier too,
// else "".
CheckpointLayout transformers_layout(const std::string& outer, const std::string& norm) {
  CheckpointLayout layout{.name = "transformers",
                          .rules = {},
                          .ignored = {outer + "pooler.*", outer + "embeddings.mask_token",
                                      "cls_classifier.*", "distillation_classifier.*"}};
  const auto rule = [&](const std::string& from, const std::string& to, int64_t part = 0,
                        int64_t parts = 1) {
    layout.rules.push_back({.from = outer + from, .to = to, .part = part, .parts = parts});
  };
  rule("embeddings.cls_token", "cls_token");
  rule("embeddings.position_embeddings", "pos_embed");
  rule("embeddings.register_tokens", "reg_token");
  rule("embeddings.distillation_token", "dist_token");
  rule("embeddings.patch_embeddings.projection.*", "patch_embed.proj.*");
  rule("layernorm.*", norm + ".*");
  for (const std::string block : {"encoder.layer.*.", "layers.*."}) {
    constexpr std::array names{"query", "key", "value"};
    for (int64_t i = 0; i < 3; ++i) {
      const auto part = static_cast<size_t>(i);
      rule(block + "attention.attention." + names[part] + ".*", "blocks.*.attn.qkv.*", i, 3);
      rule(block + "attention." + separate[part] + "_proj.*", "blocks.*.attn.qkv.*", i, 3);
    }
    add_rules(layout.rules, vit_block, outer + block, "blocks.*.");
  }
  if (!outer.empty()) layout.rules.push_back({.from = "classifier.*", .to = "head.*"});
  return layout;
}

constexpr std::array vit_ends{
    Rename{"class_token", "cls_token"}, Rename{"encoder.pos_embedding", "pos_embed"},
    Rename{"conv_proj.*", "patch_embed.proj.*"}, Rename{"heads.head.*", "head.*"}};
constexpr std::array vit_last_norm{Rename{"encoder.ln.*", ".*"}};
constexpr std::array encoder_layer{Rename{"ln_1.*", "norm1.*"},
                                   Rename{"self_attention.in_proj_weight", "attn.qkv.weight"},
                                   Rename{"self_attention.in_proj_bias", "attn.qkv.bias"},
                                   Rename{"self_attention.out_proj.*", "attn.proj.*"},
                                   Rename{"ln_2.*", "norm2.*"},
                                   Rename{"mlp.linear_1.*", "mlp.fc1.*"},
                                   Rename{"mlp.linear_2.*", "mlp.fc2.*"},
                                   Rename{"mlp.0.*", "mlp.fc1.*"},
                                   Rename{"mlp.3.*", "mlp.fc2.*"}};

CheckpointLayout torchvision_vit_layout(const std::string& norm) {
  CheckpointLayout layout;
  layout.name = "torchvision";
  layout.preprocessing = torchvision_preprocessing();
  add_rules(layout.rules, vit_ends);
  add_rules(layout.rules, vit_last_norm, "", norm);
  add_rules(layout.rules, encoder_layer, "encoder.layers.encoder_layer_*.", "blocks.*.");
  return layout;
}

// timm's names but for the registers, and for blocks that lie in numbered chunks, as its authors'
// training saves them: blocks.2.7.norm1.weight.
CheckpointLayout dinov2_layout() {
  CheckpointLayout layout{.name = "DINOv2", .rules = {}, .ignored = {}};
  for (const std::string part : {"norm1.*", "attn.*", "ls1.*", "norm2.*", "mlp.*", "ls2.*"})
    layout.rules.push_back({.from = "blocks.~.*." + part, .to = "blocks.*." + part});
  layout.rules.push_back({.from = "register_tokens", .to = "reg_token"});
  layout.rules.push_back({.from = "*", .to = "*"});
  return layout;
}

constexpr std::array openai_tower{Rename{"class_embedding", "cls_token"},
                                  Rename{"positional_embedding", "pos_embed"},
                                  Rename{"conv1.weight", "patch_embed.proj.weight"},
                                  Rename{"ln_pre.*", "norm_pre.*"},
                                  Rename{"ln_post.*", "norm.*"},
                                  Rename{"proj", "projection.weight"}};

CheckpointLayout openai_clip_layout() {
  CheckpointLayout layout;
  layout.name = "OpenAI";
  add_rules(layout.rules, openai_tower);
  layout.rules.back().transposed = true;  // the projection
  append(layout.rules, openai_clip_blocks());
  return layout;
}

constexpr std::array transformers_tower{
    Rename{"embeddings.class_embedding", "cls_token"},
    Rename{"embeddings.position_embedding.weight", "pos_embed"},
    Rename{"embeddings.patch_embedding.weight", "patch_embed.proj.weight"},
    Rename{"pre_layrnorm.*", "norm_pre.*"}, Rename{"post_layernorm.*", "norm.*"}};
constexpr std::array transformers_projection{
    Rename{"visual_projection.weight", "projection.weight"}};

// `tower` is "vision_model.", or "" where the image tower is saved alone.
CheckpointLayout transformers_clip_layout(const std::string& tower) {
  CheckpointLayout layout;
  layout.name = "transformers";
  layout.ignored = {"text_model.*", "text_projection.weight", "logit_scale", "*.position_ids"};
  add_rules(layout.rules, transformers_tower, tower);
  add_rules(layout.rules, transformers_projection);
  append(layout.rules, transformers_clip_blocks(tower));
  return layout;
}

CheckpointLayout timm_clip_layout() {
  return {.name = "timm",
          .rules = {{.from = "head.weight", .to = "projection.weight"}, {.from = "*", .to = "*"}},
          .ignored = {"head.bias"}};  // zeros, because CLIP's projection has no bias
}

}  // namespace

std::vector<CheckpointLayout> vit_layouts(const std::string& norm) {
  return {torchvision_vit_layout(norm), dinov2_layout(), transformers_layout("", norm),
          transformers_layout("vit.", norm), transformers_layout("deit.", norm)};
}

CheckpointLayout mae_pretraining_layout() {
  return {.name = "MAE's pretraining",
          .rules = {{.from = "norm.*", .to = "fc_norm.*"}, {.from = "*", .to = "*"}},
          .ignored = {}};
}

std::vector<CheckpointLayout> clip_layouts() {
  return {openai_clip_layout(), transformers_clip_layout("vision_model."),
          transformers_clip_layout(""), timm_clip_layout()};
}

}  // namespace submask
