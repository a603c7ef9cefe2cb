#include "learn/learned_weights.h"

#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include "backbone/network.h"
#include "base/names.h"
#include "learn/learned_norms.h"
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

// A file's reader has the backbone's own norms, and the statistics say what was learned: also of
// norms with a weight below 0, with next to none, and of those that a rate without measure drives
// to their bounds.
TEST(LearnedWeights, StatisticsSayWhatNormsHaveLearned) {
  for (const double rate : {0.05, 50.0}) {
    const auto backbone = Backbone::create("resnet20", 5);
    {
      const at::NoGradGuard no_grad;
      for (const auto& [name, parameter] : backbone->theta())
        if (name.find("bn") != std::string::npos && name.ends_with("weight")) {
          parameter.narrow(0, 0, 2).mul_(-0.5);
          parameter.narrow(0, 2, 1).fill_(1e-4);
        }
    }
    TrainSettings settings;
    settings.norm_rate = rate;
    settings.score_start = {ScoreStartKind::normal, 0.5, 0.5};
    LearnedWeights weights(*backbone, settings);
    const at::Tensor images = at::randn({16, 3, 32, 32});
    network_of(*backbone).train();
    for (int step = 0; step < 5; ++step) {
      backbone->features(images).square().sum().backward();
      weights.step({});
    }
    network_of(*backbone).eval();
    const at::NoGradGuard no_grad;
    const at::Tensor learned = backbone->features(images);
    ASSERT_FALSE(at::allclose(backbone->parameters().at("bn1.weight"),
                              backbone->theta().at("bn1.weight"), 1e-3));
    Task task;
    describe_learned(*backbone, toy_splits(), settings, task);
    task.units = weights.masks();
    task.statistics = weights.statistics();
    for (const auto& [name, statistic] : task.statistics) {
      ASSERT_TRUE(statistic.isfinite().all().item<bool>()) << name;
      if (name.ends_with("var")) {
        ASSERT_GE(statistic.min().item<float>(), 0) << name;
      }
    }
    WeightSet set;
    apply_task(task, *backbone, set);
    // Further tensors of the network are as the run has them, but for the norms'.
    for (const std::string& name : batch_norm_parameters(*backbone))
      set[name] = backbone->theta().at(name);
    const WeightBinding binding(*backbone, set);
    const at::Tensor read = backbone->features(images);
    EXPECT_LE((read - learned).abs().max().item<double>(),
              1e-4 * learned.abs().max().item<double>());
  }
}

}  // namespace
}  // namespace submask
