// Where a network lies in a checkpoint: prefixes, two networks in one file, what belongs to
// pretraining, and tensors in parts.

#include "backbone/checkpoint_match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <submask/error.h>

#include "backbone/backbone_registry.h"
#include "backbone/layers.h"
#include "backbone/state_dict.h"
#include "error_of.h"
#include "seeded_network.h"

namespace submask {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Three matrices: one has parts in the layout "split", another lies turned there.
class TinyNetwork final : public Network {
 public:
  TinyNetwork() {
    register_module("stem", Linear(1, 2, /*bias=*/false));
    register_module("qkv", Linear(2, 3, /*bias=*/false));
    register_module("projection", Linear(2, 4, /*bias=*/false));
  }
  at::Tensor forward_features(const at::Tensor& images) override { return images; }
  int64_t stage_of(std::string_view /*parameter*/) const override { return 0; }
  std::vector<CheckpointLayout> layouts() const override {
    return {{.name = "split",
             .rules = {{.from = "conv.*", .to = "stem.*"},
                       {.from = "att.query.*", .to = "qkv.*", .part = 0, .parts = 3},
                       {.from = "att.key.*", .to = "qkv.*", .part = 1, .parts = 3},
                       {.from = "att.value.*", .to = "qkv.*", .part = 2, .parts = 3},
                       {.from = "att.k.*", .to = "qkv.*", .part = 1, .parts = 3},
                       {.from = "proj", .to = "projection.weight", .transposed = true}},
             .ignored = {"text.*"}}};
  }
};

BackboneInfo tiny_info() {
  BackboneInfo info;
  info.name = "tiny";
  info.head_name = "fc";
  info.feature_width = 2;
  return info;
}

void add_network(TensorMap& tensors, const std::string& prefix, double value) {
  tensors[prefix + "stem.weight"] = at::full({2, 1}, value);
  tensors[prefix + "qkv.weight"] = at::full({3, 2}, value);
  tensors[prefix + "projection.weight"] = at::full({4, 2}, value);
}

StateDict dict_of(const TensorMap& tensors) {
  StateDict dict;
  dict.tensors = tensors;
  return dict;
}

CheckpointMatch match(const TensorMap& tensors) {
  return match_checkpoint(TinyNetwork(), tiny_info(), dict_of(tensors));
}

TEST(CheckpointMatch, TakesTeacherBeforeStudent) {
  TensorMap tensors;
  add_network(tensors, "student.backbone.", 1);
  add_network(tensors, "teacher.backbone.", 2);
  tensors["teacher.head.mlp.0.weight"] = at::zeros({1});
  const CheckpointMatch found = match(tensors);
  EXPECT_EQ(found.prefix, "teacher.backbone.");
  EXPECT_EQ(found.layout, "its own names");
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
    const CheckpointMatch found = match(tensors);
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
  const CheckpointMatch found = match(tensors);
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
  const CheckpointMatch found = match(split_tensors("visual."));
  EXPECT_EQ(found.layout, "split");
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

// As timm has it.
TEST(CheckpointMatch, TakesTheMovingAverageBeforeTheWeights) {
  TensorMap tensors;
  add_network(tensors, "model.", 1);
  add_network(tensors, "ema.", 2);
  add_network(tensors, "schema.", 3);
  const CheckpointMatch found = match(tensors);
  EXPECT_EQ(found.prefix, "ema.");
  EXPECT_EQ(found.instead_of, "model.");
  tensors.erase("ema.stem.weight");
  EXPECT_EQ(match(tensors).prefix, "model.");
}

TEST(CheckpointMatch, FindsNamesWithWrappersInside) {
  TensorMap tensors{{"module._orig_mod.stem._fsdp_wrapped_module.weight", at::ones({2, 1})},
                    {"module._orig_mod.qkv._checkpoint_wrapped_module.weight", at::ones({3, 2})},
                    {"module._orig_mod.projection.module._orig_mod.weight", at::ones({4, 2})}};
  const CheckpointMatch found = match(tensors);
  EXPECT_EQ(found.prefix, "module._orig_mod.");
  EXPECT_EQ(found.found, 3);
  EXPECT_THAT(found.unexpected, IsEmpty());
}

TEST(CheckpointMatch, TakesAClassifierOfAnotherName) {
  TensorMap tensors;
  add_network(tensors, "module.", 1);
  tensors["module.linear.weight"] = at::zeros({5, 2});
  tensors["module.linear.bias"] = at::zeros({5});
  const CheckpointMatch found = match(tensors);
  EXPECT_EQ(found.head_name, "module.linear");
  EXPECT_EQ(found.head.size(), 2U);
  EXPECT_THAT(found.unexpected, IsEmpty());
  tensors["module.classifier.weight"] = at::zeros({7, 2});  // which of them is it?
  EXPECT_TRUE(match(tensors).head.empty());
  tensors.erase("module.classifier.weight");
  tensors["module.linear.weight"] = at::zeros({5, 3});
  EXPECT_THAT(match(tensors).unexpected, ElementsAre("module.linear.bias", "module.linear.weight"));
}

// A checkpoint with the network in one of its dicts, and other things beside it.
WeightFile training_file() {
  WeightFile file;
  file.tensors["accuracy"] = at::ones({});
  for (const auto& [key, value] :
       {std::pair("state_dict", 1), std::pair("state_dict_ema", 2), std::pair("student", 3)}) {
    StateDict& dict = file.others.emplace_back();
    dict.key = key;
    add_network(dict.tensors, "", value);
  }
  StateDict& optimiser = file.others.emplace_back();
  optimiser.key = "optimizer";
  optimiser.tensors["stem.weight"] = at::zeros({2, 1});
  return file;
}

ChosenStateDict choose(const WeightFile& file, const std::string& key) {
  return choose_state_dict(TinyNetwork(), tiny_info(), file, key);
}

TEST(ChooseStateDict, TakesTheDictThatHoldsTheNetwork) {
  WeightFile file = training_file();
  const ChosenStateDict average = choose(file, "");
  EXPECT_EQ(average.dict->key, "state_dict_ema");
  EXPECT_THAT(
      average.notes,
      ElementsAre("weights: the moving average 'state_dict_ema', not 'state_dict' beside it "
                  "(--checkpoint-key chooses)"));
  file.others[1].tensors.erase("qkv.weight");
  const ChosenStateDict whole = choose(file, "");
  EXPECT_EQ(whole.dict->key, "state_dict");
  EXPECT_THAT(whole.notes, IsEmpty());
}

TEST(ChooseStateDict, TakesTheKeyThatIsNamed) {
  const WeightFile file = training_file();
  for (const char* key : {"state_dict", "state_dict_ema", "student"})
    EXPECT_EQ(choose(file, key).dict->key, key);
  for (const char* key : {"state", "accuracy", "state_dict.module", "optimizer.state"})
    EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { choose(file, key); }),
              std::string("expected a key of the file below which tensors of tiny are: state_dict, "
                          "state_dict_ema, student, optimizer, got '") +
                  key + "'");
  WeightFile flat;
  add_network(flat.tensors, "ema.", 1);
  add_network(flat.tensors, "model.net.", 2);
  EXPECT_EQ(choose(flat, "model").match.prefix, "model.net.");
  EXPECT_EQ(choose(flat, "model.net").match.prefix, "model.net.");
  EXPECT_EQ(choose(flat, "").match.prefix, "ema.");
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { choose(flat, "mod"); }),
            "expected a key of the file below which tensors of tiny are: ema, model, got 'mod'");
}

// What nothing needs may be of any kind, and what the network needs is told by its kind.
TEST(ChooseStateDict, TellsWhichKindIsNotRead) {
  TinyNetwork network;
  WeightFile file;
  add_network(file.tensors, "", 1);
  file.unread["scale"] = "F8_E4M3";
  load_state_dict(network, tiny_info(), choose(file, ""), "FILE");
  file.unread["qkv.weight"] = "F8_E4M3";
  file.tensors.erase("qkv.weight");
  EXPECT_EQ(error_of(ErrorKind::corrupt_file,
                     [&] { load_state_dict(network, tiny_info(), choose(file, ""), "FILE"); }),
            "expected the tensors of tiny, got 1 of a kind that is not read: qkv.weight (F8_E4M3), "
            "in FILE");
}

TEST(NameRules, CarryWhatTheStarsStoodFor) {
  const NameRule rule{.from = "layer.*.att.*", .to = "blocks.*.attn.*"};
  EXPECT_EQ(apply_rule(rule, "layer.11.att.q.weight"), "blocks.11.attn.q.weight");
  for (const std::string name : {"layer.1.2.att.q", "layer..att.q", "layer.1.att.", "layer.1.att",
                                 "xlayer.1.att.q", "layer.1", ""})
    EXPECT_EQ(apply_rule(rule, name), std::nullopt) << name;
  EXPECT_EQ(apply_rule({.from = "proj", .to = "p"}, "proj.weight"), std::nullopt);
}

// Files of whole architectures, by names alone.
TEST(ClipFiles, OfTimmHoldTheProjectionAsAHead) {
  const BackboneEntry& entry = backbone_entry("vitb32-clip");
  const auto clip = entry.make();
  TensorMap tensors = clip->own_parameters();
  tensors["head.weight"] = tensors.at("projection.weight");
  tensors.erase("projection.weight");
  tensors["head.bias"] = at::zeros({512});
  const CheckpointMatch found = match_checkpoint(*clip, entry.info, dict_of(tensors));
  EXPECT_EQ(found.layout, "timm");
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
  const CheckpointMatch found =
      match_checkpoint(*mae, backbone_info("vit_base_patch16_224.mae_mean"), dict_of(tensors));
  EXPECT_EQ(count_fitting(*mae, found), 150);
  EXPECT_THAT(found.unexpected, IsEmpty());
}

}  // namespace
}  // namespace submask
