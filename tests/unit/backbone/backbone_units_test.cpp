#include "backbone/backbone_units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>

#include "base/hash.h"

namespace submask {
namespace {

using testing::ElementsAre;

std::map<std::string, int64_t> elements_by_kind(const Backbone& backbone) {
  std::map<std::string, int64_t> elements;
  const TensorMap parameters = backbone.parameters();
  for (const MaskUnit& unit : backbone.mask_units()) {
    const at::Tensor& parameter = parameters.at(unit.parameter);
    EXPECT_EQ(unit.row_begin, 0);
    EXPECT_EQ(unit.row_end, parameter.size(0));
    elements[unit.kind] += parameter.numel();
  }
  return elements;
}

// RECIPES: 23,454,912 weights of convolutions and 7,680 x 2 of the shortcuts' norms' weights or
// biases.
TEST(MaskUnits, OfResnet50AreThePapers) {
  const auto backbone = Backbone::create("resnet50", 1);
  auto elements = elements_by_kind(*backbone);
  EXPECT_EQ(elements["conv"] + elements["downsample.conv"], 23'454'912);
  EXPECT_EQ(elements["downsample.norm"], 7'680);
  EXPECT_EQ(elements.size(), 3U);
  for (const MaskUnit& unit : backbone->mask_units()) EXPECT_TRUE(unit.masked_by_default);
}

TEST(MaskUnits, LieInNetworkOrder) {
  const auto backbone = Backbone::create("resnet18", 1);
  std::vector<std::string> names;
  for (const MaskUnit& unit : backbone->mask_units()) {
    if (!unit.name.starts_with("layer") || unit.name.starts_with("layer2.0")) {
      names.push_back(unit.name);
    }
  }
  EXPECT_THAT(names, ElementsAre("conv1.weight", "layer2.0.conv1.weight", "layer2.0.conv2.weight",
                                 "layer2.0.downsample.0.weight", "layer2.0.downsample.1.weight",
                                 "layer2.0.downsample.1.bias"));
}

TEST(MaskUnits, OfEfficientNetLeaveDepthwiseConvolutionsOff) {
  const auto backbone = Backbone::create("tf_efficientnet_lite0", 1);
  int64_t depthwise = 0;
  for (const MaskUnit& unit : backbone->mask_units()) {
    const bool is_depthwise = unit.name.find("conv_dw") != std::string::npos;
    EXPECT_EQ(unit.kind, is_depthwise ? "depthwise" : "conv") << unit.name;
    EXPECT_EQ(unit.masked_by_default, !is_depthwise) << unit.name;
    depthwise += is_depthwise;
  }
  EXPECT_EQ(depthwise, 16);
}

TEST(MaskUnits, OfMobileNetLeaveSqueezesOff) {
  const auto backbone = Backbone::create("mobilenetv3_small_100", 1);
  std::map<std::string, int64_t> count;
  for (const MaskUnit& unit : backbone->mask_units()) {
    EXPECT_EQ(unit.masked_by_default, unit.kind == "conv") << unit.name;
    ++count[unit.kind];
  }
  EXPECT_EQ(count,
            (std::map<std::string, int64_t>{{"conv", 24}, {"depthwise", 11}, {"squeeze", 18}}));
}

TEST(MaskUnits, OfConvNeXtAreConvolutionsAndLinearLayers) {
  const auto backbone = Backbone::create("convnext_tiny", 1);
  std::vector<std::string> names;
  for (const MaskUnit& unit : backbone->mask_units()) {
    EXPECT_EQ(unit.masked_by_default, unit.kind != "depthwise") << unit.name;
    if (unit.name.starts_with("stem") || unit.name.starts_with("stages.1.downsample") ||
        unit.name.starts_with("stages.1.blocks.0")) {
      names.push_back(unit.name + " " + unit.kind);
    }
  }
  const std::string block = "stages.1.blocks.0.";
  EXPECT_THAT(names,
              ElementsAre("stem.0.weight conv", "stages.1.downsample.1.weight downsample.conv",
                          block + "conv_dw.weight depthwise", block + "mlp.fc1.weight fc1",
                          block + "mlp.fc1.bias bias", block + "mlp.fc2.weight fc2",
                          block + "mlp.fc2.bias bias"));
}

TEST(WeightsIdentity, HashesNameShapeAndValues) {
  const std::vector<MaskUnit> units{
      {.name = "qkv.rows", .parameter = "qkv", .row_begin = 1, .row_end = 3, .kind = "linear"}};
  const at::Tensor parameter = at::full({4, 2}, 1.0F);
  const std::string one_as_bytes("\x00\x00\x80\x3f", 4);
  std::string hashed = std::string("qkv.rows\0", 9) + std::string("2,2\0", 4);
  for (int i = 0; i < 4; ++i) hashed += one_as_bytes;
  EXPECT_EQ(weights_identity(units, {{"qkv", parameter}}), sha256_hex(as_bytes(hashed)));
}

TEST(WeightsIdentity, ChangesWithOneWeight) {
  const auto backbone = Backbone::create("resnet20", 3);
  EXPECT_EQ(backbone->identity(), Backbone::create("resnet20", 3)->identity());
  EXPECT_NE(backbone->identity(), Backbone::create("resnet20", 4)->identity());
  backbone->parameters().at("layer3.2.conv2.weight").detach().view(-1)[36863] += 1;
  EXPECT_NE(weights_identity(backbone->mask_units(), backbone->parameters()), backbone->identity());
}

TEST(WeightInit, IsKaimingNormalByFanOut) {
  const auto backbone = Backbone::create("resnet18", 1);
  const TensorMap parameters = backbone->parameters();
  const at::Tensor weight = parameters.at("layer4.0.conv1.weight");  // [512, 256, 3, 3]
  EXPECT_NEAR(weight.std().item<double>(), std::sqrt(2.0 / (512 * 9)), 1e-4);
  EXPECT_NEAR(weight.mean().item<double>(), 0, 1e-4);
  EXPECT_TRUE(at::equal(parameters.at("bn1.weight"), at::full({64}, 1.0F)));
  EXPECT_FALSE(at::equal(weight, parameters.at("layer4.0.conv2.weight").slice(1, 0, 256)));
}

TEST(WeightInit, KeepsLayerScales) {
  const auto backbone = Backbone::create("convnext_tiny", 1);
  const TensorMap parameters = backbone->parameters();
  EXPECT_TRUE(at::equal(parameters.at("stages.0.blocks.0.gamma"), at::full({96}, 1e-6F)));
  EXPECT_TRUE(at::equal(parameters.at("head.norm.weight"), at::full({768}, 1.0F)));
  EXPECT_NEAR(parameters.at("stages.0.blocks.0.mlp.fc1.weight").std().item<double>(), 0.02, 1e-3);
}

TEST(WeightInit, CountsOneChannelOfADepthwiseConvolution) {
  const auto lite = Backbone::create("tf_efficientnet_lite0", 1);
  const at::Tensor weight = lite->parameters().at("blocks.6.0.conv_dw.weight");  // [1152, 1, 3, 3]
  EXPECT_NEAR(weight.std().item<double>(), std::sqrt(2.0 / 9), 0.02);
}

}  // namespace
}  // namespace submask
