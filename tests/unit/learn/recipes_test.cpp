#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <submask/error.h>
#include <submask/train.h>

#include "error_of.h"

namespace submask {
namespace {

// RECIPES, table "Training".
TEST(Recipes, AreThePapers) {
  const BackboneInfo& resnet18 = backbone_info("resnet18");
  const TrainSettings mask = recipe_settings("paper-rn18", Method::fs, resnet18);
  EXPECT_EQ(mask.update.rate, 50);
  EXPECT_EQ(mask.update.weight_decay, 0);
  EXPECT_EQ(mask.epochs, 150);
  EXPECT_EQ(mask.warmup_epochs, 40);
  EXPECT_EQ(mask.head_update.rate, 7e-4);
  EXPECT_EQ(mask.head_update.weight_decay, 1e-4);
  EXPECT_EQ(mask.input.batch_size, 64);
  EXPECT_EQ(mask.update.momentum, 0.9);
  const TrainSettings fine = recipe_settings("paper-rn50", Method::fft, resnet18);
  EXPECT_EQ(fine.update.rate, 0.15);
  EXPECT_EQ(fine.update.weight_decay, 1e-6);
  const TrainSettings vit = recipe_settings("paper-vitb32", Method::fs, resnet18);
  EXPECT_EQ(vit.update.rate, 10);
  EXPECT_EQ(vit.epochs, 32);
  EXPECT_EQ(vit.warmup_epochs, 0);
}

TEST(Recipes, DefaultsFollowTheBackbone) {
  EXPECT_EQ(
      recipe_settings("default", Method::fs, backbone_info("tf_efficientnet_lite0")).update.rule,
      UpdateRule::adam);
  const BackboneInfo& resnet20 = backbone_info("resnet20");
  const TrainSettings mask = recipe_settings("default", Method::fs, resnet20);
  EXPECT_TRUE(mask.unit_rates);
  EXPECT_EQ(mask.update.rate, .02);
  EXPECT_EQ(mask.norm_rate, .1);
  EXPECT_EQ(mask.byte_price, .01);
  for (const TrainSettings& plain : {recipe_settings("one-rate", Method::fs, resnet20),
                                     recipe_settings("paper-rn18", Method::fs, resnet20),
                                     recipe_settings("default", Method::ssl_fs, resnet20)}) {
    EXPECT_FALSE(plain.unit_rates);
    EXPECT_EQ(plain.update.rate, 50);
    EXPECT_EQ(plain.norm_rate, 0);
    EXPECT_EQ(plain.byte_price, 0);
  }
}

TEST(Recipes, RefusesUnknownNames) {
  EXPECT_THAT(
      error_of(ErrorKind::invalid_argument,
               [&] { recipe_settings("paper-rn19", Method::fs, backbone_info("resnet20")); }),
      testing::AllOf(testing::StartsWith("expected a recipe (paper-rn18? "),
                     testing::EndsWith(", got paper-rn19")));
}

}  // namespace
}  // namespace submask
