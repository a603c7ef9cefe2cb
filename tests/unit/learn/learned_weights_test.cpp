#include "learn/learned_weights.h"

#include <gtest/gtest.h>

#include <ATen/ATen.h>

namespace submask {
namespace {

TEST(LearnedWeights, TheBackboneIsItselfAgainAfterwards) {
  const auto backbone = Backbone::create("resnet20", 5);
  const at::Tensor conv = backbone->parameters().at("conv1.weight");
  const void* theta = conv.data_ptr();
  for (const char* method : {"fs", "fft"}) {
    TrainSettings settings;
    settings.method = method;
    {
      const LearnedWeights weights(*backbone, settings);
      EXPECT_NE(conv.data_ptr(), theta) << method;
    }
    EXPECT_EQ(conv.data_ptr(), theta) << method;
  }
}

TEST(LearnedWeights, OnlyMaskedParametersNeedGradients) {
  const auto backbone = Backbone::create("resnet20", 5);
  TrainSettings settings;
  const LearnedWeights weights(*backbone, settings);
  for (const auto& [name, parameter] : backbone->parameters())
    EXPECT_EQ(parameter.requires_grad(), name.find("conv") != std::string::npos) << name;
}

}  // namespace
}  // namespace submask
