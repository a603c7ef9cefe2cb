#include "learn/learned_weights.h"

#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include "base/names.h"

namespace submask {
namespace {

TEST(LearnedWeights, TheBackboneIsItselfAgainAfterwards) {
  const auto backbone = Backbone::create("resnet20", 5);
  const at::Tensor conv = backbone->parameters().at("conv1.weight");
  const void* theta = conv.data_ptr();
  for (const Method method : {Method::fs, Method::fft}) {
    TrainSettings settings;
    settings.method = method;
    {
      const LearnedWeights weights(*backbone, settings);
      EXPECT_NE(conv.data_ptr(), theta) << name_of(method);
    }
    EXPECT_EQ(conv.data_ptr(), theta) << name_of(method);
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
