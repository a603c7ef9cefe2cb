#include "naming/unit_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace submask {
namespace {

using testing::ElementsAre;

// "unit <- tensor [begin, end) kind", with ^T where it is transposed.
std::vector<std::string> lines(const UnitNames& names) {
  std::vector<std::string> all;
  for (const NamedUnit& named : names.units)
    all.push_back(named.unit.name + " <- " + named.unit.parameter + " [" +
                  std::to_string(named.unit.row_begin) + "," + std::to_string(named.unit.row_end) +
                  ") " + named.unit.kind + (named.transposed ? "^T" : ""));
  return all;
}

TEST(UnitNames, OfTorchvisionsResNetAreItsOwn) {
  const UnitNames names =
      unit_names(std::vector<NamedShape>{{"conv1.weight", {8, 3, 7, 7}},
                                         {"bn1.weight", {8}},
                                         {"bn1.running_mean", {8}},
                                         {"layer1.0.conv1.weight", {8, 8, 3, 3}},
                                         {"layer2.0.downsample.0.weight", {16, 8, 1, 1}},
                                         {"layer2.0.downsample.1.weight", {16}},
                                         {"layer2.0.downsample.1.bias", {16}},
                                         {"layer2.0.downsample.1.running_mean", {16}},
                                         {"fc.weight", {10, 16}},
                                         {"fc.bias", {10}}});
  EXPECT_EQ(names.layout, "its own names");
  EXPECT_EQ(names.prefix, "");
  EXPECT_THAT(
      lines(names),
      ElementsAre(
          "conv1.weight <- conv1.weight [0,8) conv",
          "layer1.0.conv1.weight <- layer1.0.conv1.weight [0,8) conv",
          "layer2.0.downsample.0.weight <- layer2.0.downsample.0.weight [0,16) downsample.conv",
          "layer2.0.downsample.1.weight <- layer2.0.downsample.1.weight [0,16) downsample.norm",
          "layer2.0.downsample.1.bias <- layer2.0.downsample.1.bias [0,16) downsample.norm"));
}

TEST(UnitNames, OfTransformersViTBecomeTimms) {
  const std::string block = "vit.encoder.layer.0.";
  const UnitNames names = unit_names(
      std::vector<NamedShape>{{"vit.embeddings.cls_token", {1, 1, 6}},
                              {"vit.embeddings.position_embeddings", {1, 5, 6}},
                              {"vit.embeddings.patch_embeddings.projection.weight", {6, 3, 4, 4}},
                              {"vit.embeddings.patch_embeddings.projection.bias", {6}},
                              {block + "attention.attention.query.weight", {6, 6}},
                              {block + "attention.attention.query.bias", {6}},
                              {block + "attention.attention.key.weight", {6, 6}},
                              {block + "attention.attention.key.bias", {6}},
                              {block + "attention.attention.value.weight", {6, 6}},
                              {block + "attention.attention.value.bias", {6}},
                              {block + "attention.output.dense.weight", {6, 6}},
                              {block + "attention.output.dense.bias", {6}},
                              {block + "intermediate.dense.weight", {24, 6}},
                              {block + "intermediate.dense.bias", {24}},
                              {block + "output.dense.weight", {6, 24}},
                              {block + "output.dense.bias", {6}},
                              {block + "layernorm_before.weight", {6}},
                              {"vit.layernorm.weight", {6}},
                              {"classifier.weight", {10, 6}},
                              {"classifier.bias", {10}}});
  EXPECT_EQ(names.layout, "transformers");
  const auto all = lines(names);
  ASSERT_EQ(all.size(), 1 + 6 + 6U);
  EXPECT_EQ(
      all[0],
      "patch_embed.proj.weight <- vit.embeddings.patch_embeddings.projection.weight [0,6) patch");
  EXPECT_EQ(all[1],
            "blocks.0.attn.q.weight <- " + block + "attention.attention.query.weight [0,6) q");
  EXPECT_EQ(all[3],
            "blocks.0.attn.v.weight <- " + block + "attention.attention.value.weight [0,6) v");
  EXPECT_EQ(all[4],
            "blocks.0.attn.q.bias <- " + block + "attention.attention.query.bias [0,6) bias");
  EXPECT_EQ(all[7],
            "blocks.0.attn.proj.weight <- " + block + "attention.output.dense.weight [0,6) out");
  EXPECT_EQ(all[9], "blocks.0.mlp.fc1.weight <- " + block + "intermediate.dense.weight [0,24) fc1");
  EXPECT_EQ(all[11], "blocks.0.mlp.fc2.weight <- " + block + "output.dense.weight [0,6) fc2");
}

// Its projection comes first there, and is the transpose of timm's.
TEST(UnitNames, OfOpenAisClipComeInTimmsOrder) {
  const std::string block = "visual.transformer.resblocks.0.";
  const UnitNames names =
      unit_names(std::vector<NamedShape>{{"positional_embedding", {77, 8}},
                                         {"text_projection", {8, 4}},
                                         {"visual.class_embedding", {6}},
                                         {"visual.positional_embedding", {5, 6}},
                                         {"visual.proj", {6, 4}},
                                         {"visual.conv1.weight", {6, 3, 4, 4}},
                                         {"visual.ln_pre.weight", {6}},
                                         {block + "attn.in_proj_weight", {18, 6}},
                                         {block + "attn.in_proj_bias", {18}},
                                         {block + "attn.out_proj.weight", {6, 6}},
                                         {block + "mlp.c_fc.weight", {24, 6}},
                                         {"transformer.resblocks.0.attn.in_proj_weight", {24, 8}},
                                         {"transformer.resblocks.0.mlp.c_fc.weight", {32, 8}}});
  EXPECT_EQ(names.layout, "OpenAI");
  EXPECT_EQ(names.prefix, "visual.");
  EXPECT_THAT(
      lines(names),
      ElementsAre("patch_embed.proj.weight <- visual.conv1.weight [0,6) patch",
                  "blocks.0.attn.q.weight <- " + block + "attn.in_proj_weight [0,6) q",
                  "blocks.0.attn.k.weight <- " + block + "attn.in_proj_weight [6,12) k",
                  "blocks.0.attn.v.weight <- " + block + "attn.in_proj_weight [12,18) v",
                  "blocks.0.attn.q.bias <- " + block + "attn.in_proj_bias [0,6) bias",
                  "blocks.0.attn.k.bias <- " + block + "attn.in_proj_bias [6,12) bias",
                  "blocks.0.attn.v.bias <- " + block + "attn.in_proj_bias [12,18) bias",
                  "blocks.0.attn.proj.weight <- " + block + "attn.out_proj.weight [0,6) out",
                  "blocks.0.mlp.fc1.weight <- " + block + "mlp.c_fc.weight [0,24) fc1",
                  "projection.weight <- visual.proj [0,4) projection^T"));
}

// The authors have all layers between stages before the stages.
TEST(UnitNames, OfConvNeXtsAuthorsComeInTimmsOrder) {
  const UnitNames names =
      unit_names(std::vector<NamedShape>{{"downsample_layers.0.0.weight", {4, 3, 4, 4}},
                                         {"downsample_layers.1.0.weight", {4}},
                                         {"downsample_layers.1.1.weight", {8, 4, 2, 2}},
                                         {"stages.0.0.gamma", {4}},
                                         {"stages.0.0.dwconv.weight", {4, 1, 7, 7}},
                                         {"stages.0.0.pwconv1.weight", {16, 4}},
                                         {"stages.1.0.dwconv.weight", {8, 1, 7, 7}},
                                         {"head.weight", {10, 8}}});
  EXPECT_EQ(names.layout, "ConvNeXt");
  EXPECT_THAT(
      lines(names),
      ElementsAre(
          "stem.0.weight <- downsample_layers.0.0.weight [0,4) conv",
          "stages.0.blocks.0.conv_dw.weight <- stages.0.0.dwconv.weight [0,4) depthwise",
          "stages.0.blocks.0.mlp.fc1.weight <- stages.0.0.pwconv1.weight [0,16) fc1",
          "stages.1.downsample.1.weight <- downsample_layers.1.1.weight [0,8) downsample.conv",
          "stages.1.blocks.0.conv_dw.weight <- stages.1.0.dwconv.weight [0,8) depthwise"));
}

TEST(UnitNames, OfEfficientNetPyTorchBecomeTimms) {
  const UnitNames names =
      unit_names(std::vector<NamedShape>{{"_conv_stem.weight", {32, 3, 3, 3}},
                                         {"_blocks.0._depthwise_conv.weight", {32, 1, 3, 3}},
                                         {"_blocks.20._expand_conv.weight", {64, 16, 1, 1}},
                                         {"_fc.weight", {10, 64}}});
  EXPECT_EQ(names.layout, "EfficientNet-PyTorch");
  EXPECT_THAT(
      lines(names),
      ElementsAre("conv_stem.weight <- _conv_stem.weight [0,32) conv",
                  "blocks.0.0.conv_dw.weight <- _blocks.0._depthwise_conv.weight [0,32) depthwise",
                  "blocks.6.0.conv_pw.weight <- _blocks.20._expand_conv.weight [0,64) conv"));
}

// As torchvision's EfficientNet: its blocks have names like a ConvNeXt's, but no scale.
TEST(UnitNames, AConvNeXtHasScales) {
  std::vector<NamedShape> tensors{{"features.0.0.weight", {8, 3, 3, 3}},
                                  {"features.1.0.block.0.0.weight", {8, 8, 3, 3}},
                                  {"features.2.0.block.0.0.weight", {8, 8, 3, 3}}};
  EXPECT_EQ(unit_names(tensors).layout, "its own names");
  EXPECT_EQ(unit_names(tensors).units.size(), 3U);
}

// As a DenseNet: a block's convolution is named as a ResNet's first one.
TEST(UnitNames, ABlockIsNotTheNetwork) {
  const UnitNames names = unit_names(std::vector<NamedShape>{
      {"module.features.conv0.weight", {8, 3, 3, 3}},
      {"module.features.denseblock1.denselayer1.conv1.weight", {8, 8, 1, 1}},
      {"module.features.denseblock1.denselayer2.conv1.weight", {8, 8, 1, 1}},
      {"module.classifier.weight", {10, 8}}});
  EXPECT_EQ(names.prefix, "module.");
  EXPECT_EQ(names.units.size(), 3U);
  EXPECT_EQ(names.units[0].unit.name, "features.conv0.weight");
  EXPECT_EQ(names.left_out, 1U);
}

TEST(UnitNames, OfTransformersImageTowerAloneBecomeTimms) {
  const UnitNames names =
      unit_names(std::vector<NamedShape>{{"embeddings.class_embedding", {6}},
                                         {"embeddings.patch_embedding.weight", {6, 3, 4, 4}},
                                         {"embeddings.position_embedding.weight", {5, 6}},
                                         {"encoder.layers.0.self_attn.k_proj.weight", {6, 6}},
                                         {"encoder.layers.0.self_attn.v_proj.weight", {6, 6}},
                                         {"encoder.layers.0.self_attn.q_proj.weight", {6, 6}},
                                         {"post_layernorm.weight", {6}}});
  EXPECT_EQ(names.layout, "transformers");
  ASSERT_EQ(names.units.size(), 4U);
  EXPECT_EQ(names.units[1].unit.name, "blocks.0.attn.q.weight");
  EXPECT_EQ(names.units[1].tensor, 5U);
  EXPECT_EQ(names.left_out, 1U);  // the position embedding
}

TEST(UnitNames, OfAnUnknownNetworkAreItsOwn) {
  const UnitNames names = unit_names(std::vector<NamedShape>{
      {"backbone.first.weight", {4, 3, 3, 3}}, {"backbone.mix.weight", {4, 4}}, {"scalar", {}}});
  EXPECT_THAT(lines(names), ElementsAre("backbone.first.weight <- backbone.first.weight [0,4) conv",
                                        "backbone.mix.weight <- backbone.mix.weight [0,4) linear"));
  EXPECT_TRUE(unit_names({}).units.empty());
}

}  // namespace
}  // namespace submask
