// Which activation a CLIP has, by the configurations that people's folders have.
#include "backbone/clip_activation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "error_of.h"

namespace submask {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

WeightFile with_config(const std::string& config, const std::string& open_clip_config = "") {
  WeightFile file;
  file.format = "safetensors";
  file.config = config;
  file.open_clip_config = open_clip_config;
  return file;
}

// The towers' activations as a word each: "quick", "plain" or "unsaid".
std::vector<std::string> said(const WeightFile& file) {
  const ClipActivations found = clip_activations(file, "FILE");
  std::vector<std::string> words;
  for (const auto& activation : {found.image, found.text})
    words.emplace_back(!activation                             ? "unsaid"
                       : *activation == Activation::quick_gelu ? "quick"
                                                               : "plain");
  return words;
}

TEST(ClipActivation, OfTransformersIsHiddenAct) {
  EXPECT_THAT(said(with_config(R"({"model_type": "clip", "vision_config": {"hidden_act": "gelu"},
                                   "text_config": {"hidden_act": "quick_gelu"}})")),
              ElementsAre("plain", "quick"));
  EXPECT_THAT(said(with_config(R"({"model_type": "clip_vision_model", "hidden_act": "gelu"})")),
              ElementsAre("plain", "plain"));
  // It is left out where it is the default.
  EXPECT_THAT(
      said(with_config(R"({"model_type": "clip", "vision_config": {}, "text_config": {}})")),
      ElementsAre("quick", "quick"));
  EXPECT_EQ(error_of(ErrorKind::corrupt_file,
                     [] { said(with_config(R"({"model_type": "clip", "hidden_act": "relu"})")); }),
            "expected quick_gelu or gelu as hidden_act, got 'relu', in config.json of FILE");
}

TEST(ClipActivation, OfTimmIsInTheArchitecture) {
  EXPECT_THAT(said(with_config(R"({"architecture": "vit_base_patch32_clip_224",
                                   "pretrained_cfg": {"tag": "laion2b_e16"}})")),
              ElementsAre("plain", "plain"));
  EXPECT_THAT(said(with_config(R"({"architecture": "vit_base_patch32_clip_quickgelu_224",
                                   "pretrained_cfg": {"tag": "dfn2b"}})")),
              ElementsAre("quick", "quick"));
  EXPECT_THAT(said(with_config(R"({"architecture": "vit_base_patch32_clip_224",
                                   "pretrained_cfg": {"tag": "openai"}})")),
              ElementsAre("quick", "quick"));
}

TEST(ClipActivation, OfOpenClipIsAFlag) {
  EXPECT_THAT(said(with_config("", R"({"model_cfg": {"quick_gelu": true}})")),
              ElementsAre("quick", "quick"));
  EXPECT_THAT(said(with_config("", R"({"model_cfg": {"embed_dim": 512}})")),
              ElementsAre("plain", "plain"));
}

TEST(ClipActivation, OfAnArchiveIsOpenAis) {
  WeightFile file = with_config("");
  file.format = "TorchScript";
  EXPECT_THAT(said(file), ElementsAre("quick", "quick"));
}

TEST(ClipActivation, IsUnsaidOtherwise) {
  for (const char* config :
       {"", "[]", "{", "{}", R"({"model_type": 3})", R"({"architecture": "resnet18"})"})
    EXPECT_THAT(said(with_config(config, config)), ElementsAre("unsaid", "unsaid")) << config;
}

TEST(ClipActivation, OfAnotherBackboneIsRefusedByItsName) {
  const WeightFile plain = with_config("", R"({"model_cfg": {}})");
  std::vector<std::string> notes;
  check_clip_activation(backbone_info("vit_base_patch32_clip_224"), plain, "FILE", notes);
  check_clip_activation(backbone_info("resnet18"), plain, "FILE", notes);
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_EQ(
      error_of(ErrorKind::corrupt_file,
               [&] { check_clip_activation(backbone_info("vitb32-clip"), plain, "FILE", notes); }),
      "expected weights with QuickGELU for vitb32-clip, got GELU, as open_clip_config.json says "
      "(--backbone vit_base_patch32_clip_224), in FILE");
}

TEST(ClipActivation, ThatIsUnsaidIsTold) {
  std::vector<std::string> notes;
  check_clip_activation(backbone_info("vitl14-clip"), with_config(""), "FILE", notes);
  EXPECT_THAT(notes, ElementsAre("weights: the file does not say its activation: vitl14-clip has "
                                 "QuickGELU, vit_large_patch14_clip_224 GELU"));
}

}  // namespace
}  // namespace submask
