#include "learn/learned_weights.h"

#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include "base/names.h"
#include "learn/learned_task.h"
#include "toy_data.h"

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

// Before the first step the network is the masked one, whatever the pretrained weights are.
TEST(LearnedWeights, FineTuningStartsFromATask) {
  const auto backbone = Backbone::create("resnet20", 5);
  TrainSettings settings;
  settings.score_start = {ScoreStartKind::normal, 0.5, 0.5};
  Task task;
  describe_learned(*backbone, toy_splits(), settings, task);
  {
    const LearnedWeights masks(*backbone, settings);
    task.units = masks.masks();
    task.statistics = masks.statistics();
  }
  for (auto& [name, statistic] : task.statistics) statistic += 0.25;
  ASSERT_GT(task.masked_fraction(), 0.1);
  TensorMap masked;
  apply_task(task, *backbone, masked);
  ASSERT_TRUE(masked.contains("conv1.weight") && masked.contains("bn1.running_mean"));

  settings.method = Method::fft;
  settings.start = std::make_shared<LearnedStart>(LearnedStart{task, {}});
  const LearnedWeights weights(*backbone, settings);
  for (const auto& [name, tensor] : weights.state_dict()) {
    const at::Tensor plain = backbone->theta().contains(name)
                                 ? backbone->theta().at(name)
                                 : backbone->pretrained_buffers().at(name);
    EXPECT_TRUE(at::equal(tensor, masked.contains(name) ? masked.at(name) : plain)) << name;
  }
}

}  // namespace
}  // namespace submask
