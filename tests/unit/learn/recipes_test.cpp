#include <gtest/gtest.h>

#include <submask/error.h>
#include <submask/train.h>

namespace submask {
namespace {

// RECIPES, table "Training".
TEST(Recipes, AreThePapers) {
  const BackboneInfo& resnet18 = backbone_info("resnet18");
  const TrainSettings mask = recipe_settings("paper-rn18", "fs", resnet18);
  EXPECT_EQ(mask.rate, 50);
  EXPECT_EQ(mask.weight_decay, 0);
  EXPECT_EQ(mask.epochs, 150);
  EXPECT_EQ(mask.warmup_epochs, 40);
  EXPECT_EQ(mask.head_rate, 7e-4);
  EXPECT_EQ(mask.head_weight_decay, 1e-4);
  EXPECT_EQ(mask.batch_size, 64);
  EXPECT_EQ(mask.momentum, 0.9);
  const TrainSettings fine = recipe_settings("paper-rn50", "fft", resnet18);
  EXPECT_EQ(fine.rate, 0.15);
  EXPECT_EQ(fine.weight_decay, 1e-6);
  const TrainSettings vit = recipe_settings("paper-vitb32", "fs", resnet18);
  EXPECT_EQ(vit.rate, 10);
  EXPECT_EQ(vit.epochs, 32);
  EXPECT_EQ(vit.warmup_epochs, 0);
}

TEST(Recipes, DefaultsFollowTheBackbone) {
  EXPECT_EQ(recipe_settings("default", "fs", backbone_info("tf_efficientnet_lite0")).update_rule,
            "adam");
  EXPECT_EQ(recipe_settings("default", "fs", backbone_info("resnet20")).rate, 50);
}

TEST(Recipes, RefusesUnknownNames) {
  EXPECT_THROW(recipe_settings("paper-rn19", "fs", backbone_info("resnet20")), Error);
  EXPECT_THROW(recipe_settings("default", "magic", backbone_info("resnet20")), Error);
}

}  // namespace
}  // namespace submask
