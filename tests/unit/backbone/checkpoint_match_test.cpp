// Where a network lies in a checkpoint: prefixes, two networks in one file, what belongs to
// pretraining, and tensors in parts.

#include "backbone/checkpoint_match.h"

#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <submask/error.h>

#include "backbone/backbone_registry.h"
#include "seeded_network.h"
#include "tiny_network.h"

namespace submask {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Where a network is among tensors, and what they are.
struct Found : NetworkLocation, CheckpointMatch {};

Found match(const Network& network, const BackboneInfo& info, const TensorMap& tensors) {
  StateDict dict;
  dict.tensors = tensors;
  NetworkLocation location = find_network(network, std::array<const StateDict*, 1>{&dict});
  CheckpointMatch match = match_checkpoint(network, info, location);
  location.dict = nullptr;
  return {std::move(location), std::move(match)};
}

Found match(const TensorMap& tensors) { return match(TinyNetwork(), tiny_info(), tensors); }

TEST(CheckpointMatch, TakesTeacherBeforeStudent) {
  TensorMap tensors;
  add_network(tensors, "student.backbone.", 1);
  add_network(tensors, "teacher.backbone.", 2);
  tensors["teacher.head.mlp.0.weight"] = at::zeros({1});
  const Found found = match(tensors);
  EXPECT_EQ(found.prefix, "teacher.backbone.");
  EXPECT_EQ(found.layout.name, "its own names");
  EXPECT_TRUE(at::equal(found.tensors.at("stem.weight"), at::full({2, 1}, 2.0F)));
  EXPECT_EQ(found.ignored.size(), 4U);
  EXPECT_THAT(found.unexpected, IsEmpty());
}

TEST(CheckpointMatch, TakesTheTrainedEncoderBeforeItsAverage) {
  for (const auto& [average, trained] :
       {std::pair("module.encoder_k.", "module.encoder_q."),
        std::pair("module.momentum_encoder.", "module.base_encoder.")}) {
    TensorMap tensors;
    add_network(tensors, average, 1);
    add_network(tensors, trained, 2);
    tensors["module.queue"] = at::zeros({1});
    EXPECT_EQ(match(tensors).prefix, trained);
  }
}

// MoCo's fc projects for its loss, and its size may be that of a classifier.
TEST(CheckpointMatch, TakesNoContrastiveProjectionForAClassifier) {
  for (const std::string prefix : {"module.encoder_q.", "module.base_encoder.", "module."}) {
    TensorMap tensors;
    add_network(tensors, prefix, 1);
    tensors[prefix + "fc.weight"] = at::zeros({128, 2});
    tensors[prefix + "fc.bias"] = at::zeros({128});
    tensors[prefix + "fc.2.weight"] = at::zeros({128, 2});
    const Found found = match(tensors);
    EXPECT_EQ(found.head.size(), prefix == "module." ? 2U : 0U) << prefix;
    EXPECT_EQ(found.ignored.size(), prefix == "module." ? 1U : 3U) << prefix;
    EXPECT_THAT(found.unexpected, IsEmpty());
  }
}

TEST(CheckpointMatch, KnowsWhatPretrainingLeavesAndNothingElse) {
  TensorMap tensors;
  add_network(tensors, "module.", 1);
  for (const std::string name :
       {"projection_head.0.weight", "projection_head.1.running_mean", "prototypes.weight",
        "prototypes.prototypes0.weight", "mask_token", "decoder_pos_embed",
        "decoder_blocks.0.attn.qkv.weight", "head.last_layer.weight_v", "predictor.0.weight"})
    tensors["module." + name] = at::zeros({1});
  tensors["module.layer9.weight"] = at::zeros({1});
  const Found found = match(tensors);
  EXPECT_EQ(found.ignored.size(), 9U);
  EXPECT_THAT(found.unexpected, ElementsAre("module.layer9.weight"));
}

TensorMap split_tensors(const std::string& prefix) {
  const at::Tensor rows = at::arange(6).to(at::kFloat).view({3, 2});
  return {{prefix + "conv.weight", at::ones({2, 1})},
          {prefix + "att.query.weight", rows.slice(0, 0, 1)},
          {prefix + "att.key.weight", rows.slice(0, 1, 2)},
          {prefix + "att.value.weight", rows.slice(0, 2, 3)},
          {prefix + "proj", at::arange(8).to(at::kFloat).view({2, 4})},
          {prefix + "text.conv.weight", at::zeros({1})}};
}

TEST(CheckpointMatch, PutsPartsTogetherAndTurnsMatrices) {
  const Found found = match(split_tensors("visual."));
  EXPECT_EQ(found.layout.name, "split");
  EXPECT_EQ(found.prefix, "visual.");
  EXPECT_TRUE(at::equal(found.tensors.at("qkv.weight"), at::arange(6).to(at::kFloat).view({3, 2})));
  EXPECT_TRUE(at::equal(found.tensors.at("projection.weight"),
                        at::arange(8).to(at::kFloat).view({2, 4}).t()));
  EXPECT_THAT(found.ignored, ElementsAre("visual.text.conv.weight"));
  EXPECT_EQ(count_fitting(TinyNetwork(), found), 3);
}

TEST(CheckpointMatch, ReportsWhatLacksAPart) {
  TensorMap tensors = split_tensors("");
  tensors.erase("att.key.weight");
  EXPECT_FALSE(match(tensors).tensors.contains("qkv.weight"));
  TinyNetwork network;
  try {
    load_tensors(network, tiny_info(), tensors, "tiny.pth");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt_file);
    EXPECT_THAT(error.what(), HasSubstr("1 missing: qkv.weight"));
  }
}

TEST(CheckpointMatch, TwoNamesForOneTensorAreOneTooMany) {
  TensorMap tensors = split_tensors("");
  tensors["att.k.weight"] = at::zeros({1, 2});
  EXPECT_THAT(match(tensors).unexpected, ElementsAre("att.key.weight"));
}

TEST(CheckpointMatch, FindsNamesWithWrappersInside) {
  TensorMap tensors{{"module._orig_mod.stem._fsdp_wrapped_module.weight", at::ones({2, 1})},
                    {"module._orig_mod.qkv._checkpoint_wrapped_module.weight", at::ones({3, 2})},
                    {"module._orig_mod.projection.module._orig_mod.weight", at::ones({4, 2})}};
  const Found found = match(tensors);
  EXPECT_EQ(found.prefix, "module._orig_mod.");
  EXPECT_EQ(found.found, 3);
  EXPECT_THAT(found.unexpected, IsEmpty());
}

TEST(CheckpointMatch, TakesAClassifierOfAnotherName) {
  TensorMap tensors;
  add_network(tensors, "module.", 1);
  tensors["module.linear.weight"] = at::zeros({5, 2});
  tensors["module.linear.bias"] = at::zeros({5});
  const Found found = match(tensors);
  EXPECT_EQ(found.head_name, "module.linear");
  EXPECT_EQ(found.head.size(), 2U);
  EXPECT_THAT(found.unexpected, IsEmpty());
  tensors["module.classifier.weight"] = at::zeros({7, 2});  // which of them is it?
  EXPECT_TRUE(match(tensors).head.empty());
  tensors.erase("module.classifier.weight");
  tensors["module.linear.weight"] = at::zeros({5, 3});
  EXPECT_THAT(match(tensors).unexpected, ElementsAre("module.linear.bias", "module.linear.weight"));
}

TEST(CheckpointMatch, TakesAClassifierBehindADropoutOrBesideTheNetwork) {
  for (const auto& [prefix, head] :
       {std::pair("", "fc.1"), std::pair("model.", "model.classifier.1"), std::pair("", "head.fc"),
        std::pair("0.", "1"), std::pair("module.0.", "module.1")}) {
    TensorMap tensors;
    add_network(tensors, prefix, 1);
    tensors[std::string(head) + ".weight"] = at::zeros({5, 2});
    tensors[std::string(head) + ".bias"] = at::zeros({5});
    const Found found = match(tensors);
    EXPECT_EQ(found.head_name, head);
    EXPECT_EQ(found.head.size(), 2U) << head;
    EXPECT_THAT(found.unexpected, IsEmpty());
    EXPECT_THAT(found.ignored, IsEmpty());
  }
}

TEST(NameRules, CarryWhatTheStarsStoodFor) {
  const NameRule rule{.from = "layer.*.att.*", .to = "blocks.*.attn.*"};
  EXPECT_EQ(apply_rule(rule, "layer.11.att.q.weight"), "blocks.11.attn.q.weight");
  for (const std::string name : {"layer.1.2.att.q", "layer..att.q", "layer.1.att.", "layer.1.att",
                                 "xlayer.1.att.q", "layer.1", ""})
    EXPECT_EQ(apply_rule(rule, name), std::nullopt) << name;
  EXPECT_EQ(apply_rule({.from = "proj", .to = "p"}, "proj.weight"), std::nullopt);
}

TEST(NameRules, LeaveOutWhatATildeStandsFor) {
  const NameRule rule{.from = "blocks.~.*.attn.*", .to = "blocks.*.attn.*"};
  EXPECT_EQ(apply_rule(rule, "blocks.2.7.attn.qkv.weight"), "blocks.7.attn.qkv.weight");
  EXPECT_EQ(apply_rule(rule, "blocks.7.attn.qkv.weight"), std::nullopt);
}

// As the authors' training saves them: blocks in four chunks, below the teacher's backbone.
TEST(DinoV2Files, MayHaveTheirBlocksInChunks) {
  const std::string name = "vit_small_patch14_reg4_dinov2";
  const auto network = backbone_entry(name).make();
  TensorMap tensors;
  for (const auto& [own, tensor] : network->own_parameters()) {
    std::string key = own;
    constexpr std::string_view blocks = "blocks.";
    if (key.starts_with(blocks)) {
      const int block = std::stoi(key.substr(blocks.size()));
      key.insert(blocks.size(), std::to_string(block / 3) + ".");
    }
    if (key == "reg_token") key = "register_tokens";
    tensors["teacher.backbone." + key] = tensor;
  }
  const Found found = match(*network, backbone_info(name), tensors);
  EXPECT_EQ(found.layout.name, "DINOv2");
  EXPECT_EQ(count_fitting(*network, found), static_cast<int64_t>(network->own_parameters().size()));
  EXPECT_THAT(found.unexpected, IsEmpty());
}

// Files of whole architectures, by names alone.
TEST(ClipFiles, OfTimmHoldTheProjectionAsAHead) {
  const BackboneEntry& entry = backbone_entry("vitb32-clip");
  const auto clip = entry.make();
  TensorMap tensors = clip->own_parameters();
  tensors["head.weight"] = tensors.at("projection.weight");
  tensors.erase("projection.weight");
  tensors["head.bias"] = at::zeros({512});
  const Found found = match(*clip, entry.info, tensors);
  EXPECT_EQ(found.layout.name, "timm");
  EXPECT_EQ(count_fitting(*clip, found), 152);
  EXPECT_THAT(found.ignored, ElementsAre("head.bias"));
  EXPECT_TRUE(found.head.empty());
}

TEST(MaeFiles, OfPretrainingGiveTheirNormToMeanPooling) {
  const auto mae = backbone_entry("vit_base_patch16_224.mae_mean").make();
  TensorMap tensors = mae->own_parameters();
  for (const std::string name : {"weight", "bias"}) {
    tensors["norm." + name] = tensors.at("fc_norm." + name);
    tensors.erase("fc_norm." + name);
  }
  tensors["mask_token"] = at::zeros({1, 1, 768});
  const Found found = match(*mae, backbone_info("vit_base_patch16_224.mae_mean"), tensors);
  EXPECT_EQ(count_fitting(*mae, found), 150);
  EXPECT_THAT(found.unexpected, IsEmpty());
}

}  // namespace
}  // namespace submask
