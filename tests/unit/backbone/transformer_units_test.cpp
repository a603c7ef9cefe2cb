// What of a vision transformer is masked, and images and position tables of other sizes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>

#include <submask/backbone.h>
#include <submask/error.h>
#include <submask/weight_file.h>

#include "backbone/backbone_registry.h"
#include "backbone/position_table.h"
#include "scratch_folder.h"

namespace submask {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<MaskUnit> units_of(const std::string& backbone) {
  return backbone_entry(backbone).make()->mask_units();
}

TEST(TransformerUnits, CutAFusedQkvInThree) {
  std::vector<std::string> names;
  for (const MaskUnit& unit : units_of("vit_tiny_patch16_224")) {
    if (!unit.name.starts_with("blocks.7.")) continue;
    names.push_back(unit.name.substr(9));
    if (unit.parameter != "blocks.7.attn.qkv.weight") continue;
    const int64_t part = unit.kind == "q" ? 0 : unit.kind == "k" ? 1 : 2;
    EXPECT_EQ(unit.row_begin, part * 192);
    EXPECT_EQ(unit.row_end, (part + 1) * 192);
  }
  EXPECT_THAT(names,
              ElementsAre("attn.q.weight", "attn.k.weight", "attn.v.weight", "attn.q.bias",
                          "attn.k.bias", "attn.v.bias", "attn.proj.weight", "attn.proj.bias",
                          "mlp.fc1.weight", "mlp.fc1.bias", "mlp.fc2.weight", "mlp.fc2.bias"));
}

std::set<std::string> names_off_by_default(const std::string& backbone) {
  std::set<std::string> names;
  for (const MaskUnit& unit : units_of(backbone))
    if (!unit.masked_by_default) names.insert(unit.name);
  return names;
}

TEST(TransformerUnits, LeavePatchesAndProjectionsOff) {
  EXPECT_THAT(names_off_by_default("vit_tiny_patch16_224"), ElementsAre("patch_embed.proj.weight"));
  EXPECT_THAT(names_off_by_default("vitb32-clip"),
              ElementsAre("patch_embed.proj.weight", "projection.weight"));
  EXPECT_THAT(
      names_off_by_default("rn50-clip"),
      ElementsAre("attnpool.c_proj.bias", "attnpool.c_proj.weight", "attnpool.k_proj.bias",
                  "attnpool.k_proj.weight", "attnpool.q_proj.bias", "attnpool.q_proj.weight",
                  "attnpool.v_proj.bias", "attnpool.v_proj.weight"));
}

TEST(TransformerStages, AreBlocks) {
  const auto vit = backbone_entry("vitb32-clip").make();
  EXPECT_EQ(vit->stage_of("pos_embed"), 0);
  EXPECT_EQ(vit->stage_of("norm_pre.weight"), 0);
  EXPECT_EQ(vit->stage_of("blocks.0.norm1.weight"), 1);
  EXPECT_EQ(vit->stage_of("blocks.11.attn.qkv.weight"), 12);
  EXPECT_EQ(vit->stage_of("projection.weight"), 12);
  EXPECT_EQ(backbone_entry("rn50-clip").make()->stage_of("attnpool.q_proj.weight"), 4);
}

TEST(TransformerImages, ComeInWholePatches) {
  const auto vit = Backbone::create("vit_tiny_patch16_224", 1);
  try {
    vit->features(at::zeros({1, 3, 32, 40}));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_THAT(error.what(), HasSubstr("whole patches of 16 pixels, got [1,3,32,40]"));
  }
}

TEST(PositionTable, KeepsItsFirstRowAndAConstantGrid) {
  at::Tensor table = at::full({1, 1 + 5 * 5, 2}, 3.0F);
  table.select(1, 0).fill_(7);
  const at::Tensor resized = resize_positions(table, 4, 9);
  EXPECT_EQ(resized.sizes(), (std::vector<int64_t>{1, 37, 2}));
  EXPECT_TRUE(at::equal(resized.select(1, 0), table.select(1, 0)));
  EXPECT_TRUE(at::allclose(resized.slice(1, 1), at::full({1, 36, 2}, 3.0F)));
}

TEST(PositionTable, OfACheckpointIsFittedToTheNetworksGrid) {
  const at::Tensor own = at::zeros({1, 1 + 14 * 14, 8});
  EXPECT_EQ(fit_positions(at::ones({1, 1 + 24 * 24, 8}, at::kHalf), own).sizes(), own.sizes());
  EXPECT_EQ(fit_positions(at::ones({1 + 7 * 7, 8}), own).sizes(),
            (std::vector<int64_t>{1 + 14 * 14, 8}));
  for (const at::Tensor& other : {at::ones({1, 197, 9}), at::ones({1, 196, 8}), at::ones({1, 1, 8}),
                                  at::ones({2, 197, 8}), at::ones({8}), at::ones({})})
    EXPECT_TRUE(fit_positions(other, own).is_same(other));
}

// timm resizes the positions once, to the images' grid.
TEST(PositionTable, OfAnotherGridIsResizedOnce) {
  const at::NoGradGuard no_grad;
  at::manual_seed(1);
  const at::Tensor table = at::randn({1, 1 + 6 * 6, 192}), images = at::randn({1, 3, 224, 224});
  TensorMap state = Backbone::create("vit_tiny_patch16_224", 3)->theta();
  const auto features_of = [&](const at::Tensor& positions) {
    state["pos_embed"] = positions;
    const auto file = scratch_folder() / "positions.safetensors";
    write_safetensors(file, state, {});
    const auto backbone = Backbone::load("vit_tiny_patch16_224", file.string());
    EXPECT_TRUE(at::equal(backbone->theta().at("pos_embed"), positions));
    return backbone->features(images);
  };
  EXPECT_TRUE(at::equal(features_of(table), features_of(resize_positions(table, 14, 14))));
  features_of(table.to(at::kHalf).to(at::kFloat));
}

}  // namespace
}  // namespace submask
