#include "backbone/backbone_registry.h"

#include <algorithm>
#include <cctype>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include <ATen/ops/zeros.h>

#include <submask/error.h>

#include "error_of.h"
#include "naming/unit_names.h"

namespace submask {
namespace {

class BackboneRegistry : public testing::TestWithParam<std::string> {};

TEST_P(BackboneRegistry, SaysWhatTheNetworkIs) {
  const BackboneEntry& entry = backbone_entry(GetParam());
  const auto network = entry.make();
  int64_t parameters = 0;
  std::set<int64_t> stages;
  for (const auto& item : network->named_parameters()) {
    EXPECT_TRUE(item.value().requires_grad()) << item.key();
    parameters += item.value().numel();
    stages.insert(network->stage_of(item.key()));
  }
  EXPECT_EQ(parameters, entry.info.parameters);
  EXPECT_EQ(*stages.begin(), 0);
  EXPECT_EQ(*stages.rbegin(), entry.info.stages);
  EXPECT_EQ(static_cast<int64_t>(stages.size()), entry.info.stages + 1);
  EXPECT_FALSE(entry.info.weights_source.empty());
}

// A safetensors file has its tensors by name, and so they may be given to unit_names().
TEST_P(BackboneRegistry, UnitsByNameComeInTheNetworksOrder) {
  const auto network = backbone_entry(GetParam()).make();
  std::map<std::string, std::vector<int64_t>> shapes;
  for (const auto& list : {network->named_parameters(), network->named_buffers()})
    for (const auto& item : list) shapes["model." + item.key()] = item.value().sizes().vec();
  std::vector<NamedShape> tensors;
  for (const auto& [name, shape] : shapes) tensors.push_back({name, shape});
  const UnitNames found = unit_names(tensors);
  std::vector<std::string> names, expected;
  for (const NamedUnit& unit : found.units) names.push_back(unit.unit.name);
  for (const MaskUnit& unit : backbone_mask_units(GetParam())) expected.push_back(unit.name);
  EXPECT_EQ(names, expected);
  EXPECT_EQ(found.prefix, "model.");
}

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const BackboneInfo& info : backbone_list()) names.push_back(info.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, BackboneRegistry, testing::ValuesIn(all_names()),
                         [](const auto& test) {
                           std::string name = test.param;  // "vitb32-clip": letters and digits only
                           std::replace_if(
                               name.begin(), name.end(), [](char c) { return !std::isalnum(c); },
                               '_');
                           return name;
                         });

TEST(BackboneList, RefusesAnUnknownNameWithTheNearest) {
  try {
    Backbone::create("resnet19", 1);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_STREQ(error.what(),
                 "expected a backbone (resnet18? submask backbones lists them), got resnet19");
  }
}

TEST(BackboneStages, FollowTheNames) {
  const auto resnet = Backbone::create("resnet18", 1);
  EXPECT_EQ(resnet->stage_of("conv1.weight"), 0);
  EXPECT_EQ(resnet->stage_of("bn1.bias"), 0);
  EXPECT_EQ(resnet->stage_of("layer3.0.downsample.1.weight"), 3);
  const auto lite = Backbone::create("tf_efficientnet_lite0", 1);
  EXPECT_EQ(lite->stage_of("bn1.weight"), 0);
  EXPECT_EQ(lite->stage_of("blocks.0.0.bn2.weight"), 1);
  EXPECT_EQ(lite->stage_of("blocks.6.0.conv_pwl.weight"), 7);
  EXPECT_EQ(lite->stage_of("conv_head.weight"), 8);
  EXPECT_EQ(lite->stage_of("bn2.weight"), 8);
  const auto mobile = Backbone::create("mobilenetv3_small_100", 1);
  EXPECT_EQ(mobile->stage_of("conv_stem.weight"), 0);
  EXPECT_EQ(mobile->stage_of("blocks.5.0.conv.weight"), 6);
  EXPECT_EQ(mobile->stage_of("conv_head.weight"), 7);
  const auto convnext = Backbone::create("convnext_tiny", 1);
  EXPECT_EQ(convnext->stage_of("stem.0.weight"), 0);
  EXPECT_EQ(convnext->stage_of("stages.1.downsample.1.weight"), 2);
  EXPECT_EQ(convnext->stage_of("head.norm.weight"), 4);
}

TEST(BackboneFeatureInput, MustBeImages) {
  const auto backbone = Backbone::create("resnet20", 1);
  const auto refused = [&](const at::Tensor& images) {
    return error_of(ErrorKind::invalid_argument, [&] { backbone->features(images); });
  };
  EXPECT_EQ(refused(at::zeros({3, 32, 32})), "expected images of shape [N,3,H,W], got [3,32,32]");
  EXPECT_EQ(refused(at::zeros({1, 1, 32, 32})),
            "expected images of shape [N,3,H,W], got [1,1,32,32]");
}

}  // namespace
}  // namespace submask
