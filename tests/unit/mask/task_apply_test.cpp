#include <filesystem>
#include <gtest/gtest.h>
#include <unistd.h>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/task_file.h>

#include "error_of.h"
#include "mask/weight_set.h"
#include "random_task.h"

namespace submask {
namespace {

class ApplyTask : public testing::Test {
 protected:
  at::Tensor features() {
    const at::NoGradGuard no_grad;
    return backbone_->features(images_);
  }
  at::Tensor features_with(const Task& task) {
    apply_task(task, *backbone_, weights_);
    const WeightBinding binding(*backbone_, weights_);
    return features();
  }
  std::unique_ptr<Backbone> backbone_ = Backbone::create("resnet20", 3);
  at::Tensor images_ = at::linspace(-1, 1, 2 * 3 * 32 * 32).view({2, 3, 32, 32});
  WeightSet weights_;
};

TEST_F(ApplyTask, WeightsAreScaleTimesThetaTimesMask) {
  const Task task = random_task(*backbone_, 1, 0.7);
  apply_task(task, *backbone_, weights_);
  for (const UnitMask& unit : task.units) {
    const double scale =
        std::sqrt(static_cast<double>(unit.count()) / static_cast<double>(unit.on));
    const at::Tensor expected =
        backbone_->theta().at(unit.name) * unpack_mask(unit) * static_cast<float>(scale);
    EXPECT_TRUE(at::allclose(weights_.at(unit.name), expected, 1e-6, 0)) << unit.name;
  }
}

TEST_F(ApplyTask, SwitchingIsExactAndReversible) {
  const Task a = random_task(*backbone_, 1, 0.9), b = random_task(*backbone_, 2, 0.6);
  const at::Tensor plain = features(), with_a = features_with(a), with_b = features_with(b);
  EXPECT_FALSE(at::equal(plain, with_a));
  EXPECT_FALSE(at::equal(with_a, with_b));
  EXPECT_TRUE(at::equal(features_with(a), with_a));
  EXPECT_TRUE(at::equal(features(), plain));
}

TEST_F(ApplyTask, GoesOverWeightsKeptInHalfPrecision) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("task_apply_" + std::to_string(getpid()) + ".safetensors");
  TensorMap state = backbone_->parameters();
  state.merge(backbone_->buffers());
  for (auto& [name, tensor] : state)
    if (tensor.is_floating_point()) tensor = tensor.detach().to(at::kBFloat16);
  write_safetensors(path, state, {});
  backbone_ = Backbone::load("resnet20", path.string());
  backbone_->set_precision(Precision::bfloat16);
  const Task task = random_task(*backbone_, 1, 0.7);
  const at::Tensor expected = features_with(task);
  backbone_ = Backbone::load("resnet20", path.string(), Precision::bfloat16);
  backbone_->set_precision(Precision::bfloat16);
  const at::Tensor features = features_with(task);
  EXPECT_EQ(weights_.at("conv1.weight").scalar_type(), at::kBFloat16);
  // Masked weights are rounded to bfloat16 once more.
  EXPECT_TRUE(at::allclose(features, expected, 0.05, 0.05 * expected.abs().max().item<double>()));
  std::filesystem::remove(path);
}

TEST_F(ApplyTask, WhatAnEarlierTaskMaskedIsThetaAgain) {
  const Task whole = random_task(*backbone_, 1, 0.5);
  Task part = random_task(*backbone_, 2, 0.8);
  part.units.resize(1);
  part.statistics.clear();
  WeightSet fresh;
  apply_task(part, *backbone_, fresh);
  apply_task(whole, *backbone_, weights_);
  apply_task(part, *backbone_, weights_);
  ASSERT_EQ(fresh.size(), weights_.size());
  for (const auto& [name, tensor] : fresh)
    EXPECT_TRUE(at::equal(tensor, weights_.at(name))) << name;
}

TEST_F(ApplyTask, SwitchingReusesItsMemory) {
  apply_task(random_task(*backbone_, 1, 0.5), *backbone_, weights_);
  const void* before = weights_.at("conv1.weight").data_ptr();
  apply_task(random_task(*backbone_, 2, 0.5), *backbone_, weights_);
  EXPECT_EQ(weights_.at("conv1.weight").data_ptr(), before);
}

TEST_F(ApplyTask, AppliesWhileAnotherTaskIsBound) {
  const Task a = random_task(*backbone_, 1, 0.9), b = random_task(*backbone_, 2, 0.6);
  const at::Tensor with_b = features_with(b);
  WeightSet first;
  apply_task(a, *backbone_, first);
  const WeightBinding binding(*backbone_, first);
  EXPECT_TRUE(at::equal(features_with(b), with_b));
}

TEST_F(ApplyTask, RefusesAnotherBackboneByIdentity) {
  const auto other = Backbone::create("resnet20", 4);
  try {
    check_task_fits(random_task(*other, 1, 0.9), *backbone_);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(other->identity()), std::string::npos);
    EXPECT_NE(std::string(error.what()).find(backbone_->identity()), std::string::npos);
  }
}

TEST_F(ApplyTask, RefusesUnitsAndStatisticsThatDoNotFit) {
  Task task = random_task(*backbone_, 1, 0.9);
  task.units[0].name = "conv9.weight";
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { check_task_fits(task, *backbone_); }),
            "expected mask units of resnet20, got conv9.weight");
  task = random_task(*backbone_, 1, 0.9);
  task.units[0] = pack_mask(task.units[0].name, at::ones({2, 2}, at::kBool));
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { check_task_fits(task, *backbone_); }),
            "expected conv1.weight of shape [16, 3, 3, 3], got [2, 2]");
  task = random_task(*backbone_, 1, 0.9);
  task.statistics["bn1.running_mean"] = at::zeros({3});
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { check_task_fits(task, *backbone_); }),
            "expected bn1.running_mean of shape [16], got [3]");
}

TEST_F(ApplyTask, FlipTurnsSigns) {
  Task task = random_task(*backbone_, 1, 0.5);
  task.criterion = CriterionKind::flip;
  task.scale = false;
  apply_task(task, *backbone_, weights_);
  const at::Tensor sign = unpack_mask(task.units[0]).to(at::kFloat) * 2 - 1;
  EXPECT_TRUE(at::equal(weights_.at("conv1.weight"), backbone_->theta().at("conv1.weight") * sign));
}

TEST_F(ApplyTask, ExportsEveryTensorOfTheNetwork) {
  Task task = random_task(*backbone_, 1, 0.9);
  task.head = LinearHead{at::ones({2, 64}), at::zeros({2})};
  task.classes = {"a", "b"};
  const TensorMap state = export_state_dict(task, *backbone_);
  EXPECT_EQ(state.size(), backbone_->theta().size() + backbone_->buffers().size() + 2);
  EXPECT_TRUE(at::equal(state.at("linear.weight"), at::ones({2, 64})));
  EXPECT_TRUE(at::equal(state.at("linear.bias"), at::zeros({2})));
  EXPECT_TRUE(at::equal(state.at("bn1.running_mean"), task.statistics.at("bn1.running_mean")));
}

// As between the batches of a step, where a teacher's pass comes in between.
TEST(WeightBinding, KeepsTheGradientsOfWhatWasBound) {
  const auto backbone = Backbone::create("resnet20", 1);
  at::Tensor weight = backbone->parameters().at("conv1.weight");
  weight.requires_grad_(true);
  weight.mutable_grad() = at::ones_like(weight);
  {
    const WeightBinding binding(*backbone, {{"conv1.weight", at::zeros_like(weight)}});
    EXPECT_FALSE(weight.grad().defined());
    weight.sum().backward();
  }
  EXPECT_TRUE(at::equal(weight.grad(), at::ones_like(weight)));
  weight.mutable_grad().reset();
  {
    const WeightBinding binding(*backbone, {{"conv1.weight", at::zeros_like(weight)}});
    weight.sum().backward();
  }
  EXPECT_FALSE(weight.grad().defined());
}

TEST(WeightBinding, NestsAndRefusesStrangers) {
  const auto backbone = Backbone::create("resnet20", 1);
  const at::Tensor conv = backbone->parameters().at("conv1.weight");
  const WeightSet ones = {{"conv1.weight", at::ones_like(conv)}},
                  twos = {{"conv1.weight", at::full_like(conv, 2)}};
  const at::Tensor theta = conv.detach().clone();
  {
    const WeightBinding outer(*backbone, ones);
    {
      const WeightBinding inner(*backbone, twos);
      EXPECT_EQ(conv[0][0][0][0].item<float>(), 2);
    }
    EXPECT_EQ(conv[0][0][0][0].item<float>(), 1);
  }
  EXPECT_TRUE(at::equal(conv, theta));
  EXPECT_EQ(error_of(ErrorKind::invalid_argument,
                     [&] {
                       WeightBinding(*backbone, {{"nothing", at::ones({1})}});
                     }),
            "expected tensors of resnet20, got nothing");
  EXPECT_EQ(error_of(ErrorKind::invalid_argument,
                     [&] {
                       WeightBinding(*backbone, {{"conv1.weight", at::ones({1})}});
                     }),
            "expected conv1.weight of shape [16, 3, 3, 3], got [1]");
}

}  // namespace
}  // namespace submask
