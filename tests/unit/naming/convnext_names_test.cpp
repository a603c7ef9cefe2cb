#include "naming/convnext_names.h"

#include <gtest/gtest.h>

namespace submask {
namespace {

// timm's name for a tensor of the layout called `library`; "" where no rule matches.
std::string renamed(const std::string& library, const std::string& name) {
  for (const CheckpointLayout& layout : convnext_layouts()) {
    if (layout.name != library) continue;
    for (const NameRule& rule : layout.rules)
      if (const auto own = submask::apply_rule(rule, name)) return *own;
  }
  return "";
}

TEST(ConvNeXtNames, OfTheAuthorsBecomeTimms) {
  const auto own = [](const std::string& name) { return renamed("ConvNeXt", name); };
  EXPECT_EQ(own("downsample_layers.0.0.weight"), "stem.0.weight");
  EXPECT_EQ(own("downsample_layers.0.1.bias"), "stem.1.bias");
  EXPECT_EQ(own("downsample_layers.3.1.weight"), "stages.3.downsample.1.weight");
  EXPECT_EQ(own("stages.2.26.dwconv.bias"), "stages.2.blocks.26.conv_dw.bias");
  EXPECT_EQ(own("stages.0.1.norm.weight"), "stages.0.blocks.1.norm.weight");
  EXPECT_EQ(own("stages.0.1.pwconv1.weight"), "stages.0.blocks.1.mlp.fc1.weight");
  EXPECT_EQ(own("stages.0.1.pwconv2.bias"), "stages.0.blocks.1.mlp.fc2.bias");
  EXPECT_EQ(own("stages.0.1.gamma"), "stages.0.blocks.1.gamma");
  EXPECT_EQ(own("norm.weight"), "head.norm.weight");
  EXPECT_EQ(own("head.bias"), "head.fc.bias");
}

TEST(ConvNeXtNames, OfTorchvisionBecomeTimms) {
  const auto own = [](const std::string& name) { return renamed("torchvision", name); };
  EXPECT_EQ(own("features.0.0.weight"), "stem.0.weight");
  EXPECT_EQ(own("features.0.1.bias"), "stem.1.bias");
  EXPECT_EQ(own("features.2.0.weight"), "stages.1.downsample.0.weight");
  EXPECT_EQ(own("features.6.1.weight"), "stages.3.downsample.1.weight");
  EXPECT_EQ(own("features.1.2.block.0.weight"), "stages.0.blocks.2.conv_dw.weight");
  EXPECT_EQ(own("features.5.8.block.2.weight"), "stages.2.blocks.8.norm.weight");
  EXPECT_EQ(own("features.7.0.block.3.weight"), "stages.3.blocks.0.mlp.fc1.weight");
  EXPECT_EQ(own("features.7.0.block.5.bias"), "stages.3.blocks.0.mlp.fc2.bias");
  EXPECT_EQ(own("features.3.1.layer_scale"), "stages.1.blocks.1.gamma");
  EXPECT_EQ(own("classifier.0.weight"), "head.norm.weight");
  EXPECT_EQ(own("classifier.2.weight"), "head.fc.weight");
}

TEST(ConvNeXtNames, OfTransformersBecomeTimms) {
  const auto own = [](const std::string& name) { return renamed("transformers", name); };
  EXPECT_EQ(own("convnext.embeddings.patch_embeddings.weight"), "stem.0.weight");
  EXPECT_EQ(own("convnext.embeddings.layernorm.bias"), "stem.1.bias");
  EXPECT_EQ(own("convnext.encoder.stages.1.downsampling_layer.0.weight"),
            "stages.1.downsample.0.weight");
  EXPECT_EQ(own("encoder.stages.2.layers.8.dwconv.bias"), "stages.2.blocks.8.conv_dw.bias");
  EXPECT_EQ(own("encoder.stages.2.layers.8.layernorm.bias"), "stages.2.blocks.8.norm.bias");
  EXPECT_EQ(own("encoder.stages.2.layers.8.pwconv1.bias"), "stages.2.blocks.8.mlp.fc1.bias");
  EXPECT_EQ(own("encoder.stages.2.layers.8.pwconv2.bias"), "stages.2.blocks.8.mlp.fc2.bias");
  EXPECT_EQ(own("encoder.stages.0.layers.0.layer_scale_parameter"), "stages.0.blocks.0.gamma");
  EXPECT_EQ(own("convnext.layernorm.weight"), "head.norm.weight");
  EXPECT_EQ(own("classifier.bias"), "head.fc.bias");
}

TEST(ConvNeXtNames, LeaveTimmsAlone) {
  for (const char* library : {"ConvNeXt", "torchvision", "transformers"})
    for (const char* name : {"stem.0.weight", "stages.0.blocks.1.norm.weight",
                             "stages.1.downsample.0.weight", "stages.0.blocks.1.mlp.fc1.weight"})
      EXPECT_EQ(renamed(library, name), "") << library;
}

}  // namespace
}  // namespace submask
