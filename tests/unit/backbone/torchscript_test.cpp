// Programs of tests/reference/make_torchscript.py.

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <ATen/ATen.h>

#include <submask/error.h>

#include "backbone/network.h"
#include "seeded_network.h"

namespace submask {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string folder = SUBMASK_TEST_DATA "/golden/backbone/torchscript/";

std::string program_refusal(const std::string& name) {
  try {
    Backbone::load(name, "");
  } catch (const Error& error) {
    return error.what();
  }
  return "loaded";
}

TEST(TorchScript, GivesTheFeaturesOfTheProgram) {
  std::ifstream file(folder + "expected.json");
  const auto expected = nlohmann::json::parse(file);
  const auto backbone = Backbone::load("torchscript:" + folder + "scripted.pt", "");
  EXPECT_EQ(backbone->info().name, "torchscript:scripted.pt");
  EXPECT_EQ(backbone->info().feature_width, 6);
  const at::NoGradGuard no_grad;
  const at::Tensor features = backbone->features(seeded_images({2, 3, 32, 32}));
  for (int64_t image = 0; image < 2; ++image)
    for (int64_t i = 0; i < 6; ++i)
      EXPECT_NEAR(features[image][i].item<double>(),
                  expected["features"][static_cast<size_t>(image)][static_cast<size_t>(i)], 1e-5);
}

TEST(TorchScript, MasksConvolutionsAndLinearLayersByDefault) {
  const auto backbone = Backbone::load("torchscript:" + folder + "scripted.pt", "");
  std::vector<std::string> masked, left;
  for (const MaskUnit& unit : backbone->mask_units())
    (unit.masked_by_default ? masked : left).push_back(unit.name);
  EXPECT_THAT(masked, ElementsAre("stem.weight", "mix.weight"));
  EXPECT_THAT(left,
              ElementsAre("stem.bias", "norm.weight", "norm.bias", "filter.weight", "mix.bias"));
}

TEST(TorchScript, FollowsBoundWeightsAndTheTrainingMode) {
  const auto backbone = Backbone::load("torchscript:" + folder + "scripted.pt", "");
  const at::Tensor images = seeded_images({4, 3, 32, 32});
  const at::Tensor before = backbone->features(images).detach();
  backbone->parameters().at("mix.weight").set_data(at::zeros({6, 8}));
  const at::Tensor bias = backbone->theta().at("mix.bias");
  EXPECT_TRUE(at::allclose(backbone->features(images), bias.expand({4, 6})));
  backbone->parameters().at("mix.weight").set_data(backbone->theta().at("mix.weight"));
  EXPECT_TRUE(at::equal(backbone->features(images), before));

  const at::Tensor mean = backbone->buffers().at("norm.running_mean");
  const at::Tensor kept = mean.clone();
  network_of(*backbone).train();
  network_of(*backbone).hold_statistics();
  backbone->features(images);
  EXPECT_TRUE(at::equal(mean, kept));
  network_of(*backbone).train();
  backbone->features(images).sum().backward();
  EXPECT_FALSE(at::equal(mean, kept));
  EXPECT_TRUE(backbone->parameters().at("stem.weight").grad().defined());
}

TEST(TorchScript, RefusesWhatCannotLearn) {
  EXPECT_THAT(program_refusal("torchscript:" + folder + "frozen.pt"),
              AllOf(HasSubstr("with parameters, got one without"), HasSubstr("torch.jit.script"),
                    HasSubstr("frozen.pt")));
  EXPECT_THAT(program_refusal("torchscript:" + folder + "traced.pt"),
              AllOf(HasSubstr("traced"), HasSubstr("torch.jit.script"), HasSubstr("traced.pt")));
  EXPECT_THAT(program_refusal("torchscript:" + folder + "expected.json"),
              AllOf(HasSubstr("a TorchScript program"), HasSubstr("expected.json")));
  EXPECT_THAT(program_refusal("torchscript:" + folder + "none.pt"), HasSubstr("none.pt"));
}

}  // namespace
}  // namespace submask
