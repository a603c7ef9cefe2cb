#include "backbone/timm_config.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tuple>
#include <unistd.h>

#include <submask/error.h>

#include "base/fail.h"
#include "error_of.h"
#include "seeded_network.h"

namespace submask {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// What timm 1.0 pushes beside resnet18.a1_in1k, shortened.
const std::string timm_config = R"({
  "architecture": "resnet18", "num_classes": 1000, "num_features": 512,
  "pretrained_cfg": {"tag": "a1_in1k", "input_size": [3, 288, 288], "interpolation": "bilinear",
    "crop_pct": 0.95, "crop_mode": "center", "mean": [0.5, 0.25, 0.125], "std": [1, 0.5, 0.25],
    "pool_size": [7, 7], "first_conv": "conv1"}})";

BackboneInfo info_of(const std::string& name, const std::string& config,
                     const std::string& preprocessor_config = "") {
  BackboneInfo info = backbone_info(name);
  WeightFile file;
  file.config = config;
  file.preprocessor_config = preprocessor_config;
  apply_config(info, file, "FILE");
  return info;
}

std::string config_refusal(const std::string& config, const std::string& preprocessor_config = "") {
  try {
    info_of("resnet18", config, preprocessor_config);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt_file);
    return error.what();
  }
  return "no error";
}

TEST(TimmConfig, TakesThePlaceOfTheRegistrysPreprocessing) {
  const Preprocessing expected{.input_size = 288,
                               .crop_share = 0.95,
                               .interpolation = Interpolation::bilinear,
                               .mean = {0.5, 0.25, 0.125},
                               .std = {1, 0.5, 0.25}};
  EXPECT_EQ(info_of("resnet18", timm_config).preprocessing, expected);
  const std::string old_form = R"({"architecture": "resnet18", "input_size": [3, 64, 64]})";
  EXPECT_EQ(info_of("resnet18", old_form).preprocessing.input_size, 64);
}

TEST(OpenClipConfig, SaysMeansAndHowImagesAreResized) {
  BackboneInfo info = backbone_info("vit_large_patch14_clip_224");
  WeightFile file;
  file.open_clip_config = R"({"model_cfg": {}, "preprocess_cfg": {"mean": [0.5, 0.5, 0.5],
      "std": [0.25, 0.5, 0.5], "interpolation": "bilinear", "resize_mode": "shortest"}})";
  apply_config(info, file, "FILE");
  EXPECT_EQ(info.preprocessing.mean, (std::array{0.5, 0.5, 0.5}));
  EXPECT_EQ(info.preprocessing.std, (std::array{0.25, 0.5, 0.5}));
  EXPECT_EQ(info.preprocessing.interpolation, Interpolation::bilinear);
  file.open_clip_config =
      R"({"preprocess_cfg": {"resize_mode": "longest", "fill_color": 7, "size": [48, 48]}})";
  apply_config(info, file, "FILE");
  EXPECT_EQ(info.preprocessing.resize, ResizeMode::border);
  EXPECT_EQ(info.preprocessing.fill, (std::array{7, 7, 7}));
  EXPECT_EQ(info.preprocessing.input_size, 48);
  file.open_clip_config = R"({"preprocess_cfg": {"resize_mode": "crop"}})";
  EXPECT_EQ(error_of(ErrorKind::corrupt_file, [&] { apply_config(info, file, "FILE"); }),
            "expected one of shortest, squash, longest as resize_mode, got \"crop\", in "
            "open_clip_config.json of FILE");
}

TEST(TimmConfig, LeavesWhatIsNotNamed) {
  const Preprocessing registered = backbone_info("resnet18").preprocessing;
  for (const std::string config :
       {"", "{}", R"({"model_type": "bert", "input_size": 3})",
        R"({"architecture": "my_net", "pretrained_cfg": {"mean": null}})"}) {
    EXPECT_EQ(info_of("resnet18", config).preprocessing, registered) << config;
  }
}

std::string note_on(const std::string& name, const std::string& config) {
  BackboneInfo info = backbone_info(name);
  WeightFile file;
  file.config = config;
  return apply_config(info, file, "FILE");
}

// As timm writes them: the tag stands apart from the architecture.
TEST(TimmConfig, NamesABackboneByItsTagToo) {
  for (const auto& [name, architecture, tag] :
       {std::tuple{"vit_small_patch16_224.dino", "vit_small_patch16_224", "dino"},
        {"vit_base_patch16_224.mae", "vit_base_patch16_224", "mae"},
        {"vit_base_patch16_224.mae_mean", "vit_base_patch16_224", "mae"},
        {"resnet18", "resnet18", "a1_in1k"}}) {
    const std::string config = std::string(R"({"architecture": ")") + architecture +
                               R"(", "pretrained_cfg": {"tag": ")" + tag + R"("}})";
    EXPECT_EQ(note_on(name, config), "") << name;
  }
  EXPECT_EQ(error_of(ErrorKind::corrupt_file,
                     [] {
                       note_on("vit_small_patch16_224.dino",
                               R"({"architecture": "vit_small_patch16_224"})");
                     }),
            "expected weights of vit_small_patch16_224.dino, got those of vit_small_patch16_224, "
            "in config.json of FILE");
}

TEST(TimmConfig, TellsOfAnArchitectureThatIsNotKnown) {
  EXPECT_EQ(note_on("resnet18", R"({"architecture": "my_net"})"),
            "weights: my_net is no architecture of this build; its tensors fit resnet18, and what "
            "no tensor shows may differ");
}

TEST(TimmConfig, RefusesWhatNoTensorShows) {
  EXPECT_THAT(
      config_refusal(R"({"architecture": "resnet18", "global_pool": "catavgmax"})"),
      HasSubstr("expected features that are averaged, or the class token's as global_pool"));
  EXPECT_THAT(config_refusal(R"({"model_type": "resnet", "hidden_act": "silu"})"),
              HasSubstr("expected relu as hidden_act, got \"silu\""));
  EXPECT_THAT(config_refusal(R"({"model_type": "resnet", "downsample_in_bottleneck": true})"),
              HasSubstr("expected false as downsample_in_bottleneck"));
  EXPECT_THAT(config_refusal(R"({"model_type": "vit", "hidden_act": "relu"})"),
              HasSubstr("expected gelu as hidden_act"));
  EXPECT_EQ(note_on("resnet18", R"({"model_type": "resnet", "hidden_act": "relu"})"), "");
  EXPECT_THAT(config_refusal("", R"({"image_processor_type": "EfficientNetImageProcessor"})"),
              HasSubstr("image_processor_type"));
}

TEST(TimmConfig, RefusesAnotherRegisteredArchitecture) {
  EXPECT_THAT(config_refusal(R"({"architecture": "resnet34"})"),
              AllOf(HasSubstr("resnet18"), HasSubstr("resnet34"), HasSubstr("FILE")));
}

TEST(TimmConfig, RefusesWhatSubmaskLacksByName) {
  const auto with = [](const std::string& field) {
    return config_refusal(R"({"pretrained_cfg": {)" + field + "}}");
  };
  EXPECT_THAT(with(R"("interpolation": "lanczos")"),
              AllOf(HasSubstr("lanczos"), HasSubstr("FILE")));
  EXPECT_THAT(with(R"("input_size": [3, 224, 256])"), HasSubstr("input_size"));
  EXPECT_THAT(with(R"("input_size": [1, 224, 224])"), HasSubstr("input_size"));
  EXPECT_THAT(with(R"("input_size": [3, 0, 0])"), HasSubstr("input_size"));
  EXPECT_THAT(with(R"("input_size": [3, 1e9, 1e9])"), HasSubstr("input_size"));
  EXPECT_THAT(with(R"("crop_pct": 1.5)"), HasSubstr("crop_pct"));
  EXPECT_THAT(with(R"("crop_pct": "all")"), HasSubstr("crop_pct"));
  EXPECT_THAT(with(R"("crop_mode": "corner")"), HasSubstr("crop_mode"));
  EXPECT_THAT(with(R"("crop_border_pixels": 2)"), HasSubstr("crop_border_pixels"));
  EXPECT_THAT(with(R"("mean": [0.5])"), HasSubstr("mean"));
  EXPECT_THAT(with(R"("std": [1, 1, 0])"), HasSubstr("std"));
  EXPECT_THAT(with("\"std\": " + std::string(100'000, '[') + std::string(100'000, ']')),
              HasSubstr("std"));
  EXPECT_THAT(config_refusal("[]"), HasSubstr("a JSON object"));
  EXPECT_THAT(config_refusal("{"), HasSubstr("a JSON object"));
  EXPECT_THAT(config_refusal(std::string(1'000'000, '[')), HasSubstr("a JSON object"));
}

// DINOv2's, and a ViT's that resizes without a crop.
TEST(PreprocessorConfig, IsReadWhereThereIsNoneOfTimm) {
  const std::string dino = R"({"crop_size": {"height": 224, "width": 224}, "do_center_crop": true,
    "image_mean": [0.5, 0.5, 0.5], "image_std": [0.25, 0.25, 0.25], "resample": 3,
    "size": {"shortest_edge": 256}})";
  const Preprocessing cropped =
      info_of("resnet18", R"({"architectures": ["Dinov2Model"]})", dino).preprocessing;
  EXPECT_EQ(cropped.input_size, 224);
  EXPECT_EQ(std::floor(224 / cropped.crop_share), 256);
  EXPECT_EQ(cropped.interpolation, Interpolation::bicubic);
  EXPECT_EQ(cropped.std[2], 0.25);

  const Preprocessing whole =
      info_of("resnet18", "", R"({"resample": 2, "size": {"height": 384, "width": 384}})")
          .preprocessing;
  EXPECT_EQ(whole.input_size, 384);
  EXPECT_EQ(whole.crop_share, 1);
  EXPECT_EQ(whole.interpolation, Interpolation::bilinear);
  EXPECT_EQ(info_of("resnet18", timm_config, dino).preprocessing.input_size, 288);
}

TEST(PreprocessorConfig, KeepsEveryResizeExact) {
  for (int resized = 225; resized < 600; ++resized) {
    const std::string config = R"({"crop_size": 224, "size": )" + std::to_string(resized) + "}";
    const double share = info_of("resnet18", "", config).preprocessing.crop_share;
    EXPECT_EQ(std::floor(224 / share), resized);
  }
}

TEST(PreprocessorConfig, RefusesWhatSubmaskLacksByName) {
  EXPECT_THAT(config_refusal("", R"({"resample": 1})"),
              AllOf(HasSubstr("resample"), HasSubstr("FILE")));
  EXPECT_THAT(config_refusal("", R"({"size": {"height": 2, "width": 3}})"), HasSubstr("a square"));
  EXPECT_THAT(config_refusal("", R"({"size": 200, "crop_size": 224})"), HasSubstr("crop_size"));
  EXPECT_THAT(config_refusal("", R"({"do_center_crop": 1})"), HasSubstr("do_center_crop"));
  for (const char* step : {"do_flip_channel_order", "do_pad", "do_thumbnail", "rescale_offset"})
    EXPECT_THAT(config_refusal("", text(R"({")", step, R"(": true})")),
                HasSubstr(text("expected false as ", step, ", got true")));
  EXPECT_THAT(config_refusal("", R"({"do_resize": false})"), HasSubstr("do_resize"));
  EXPECT_THAT(config_refusal("", R"({"size": {"shortest_edge": 9}, "do_center_crop": false})"),
              HasSubstr("a centre crop of the shorter side as size"));
  EXPECT_THAT(config_refusal("", R"({"size": {"shortest_edge": 9, "longest_edge": 12}})"),
              HasSubstr("a square as size"));
  EXPECT_THAT(config_refusal("", R"({"rescale_factor": 0})"), HasSubstr("rescale_factor"));
}

TEST(TimmConfig, IsAppliedToAFolderOfWeights) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("timm_config_" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  write_safetensors(folder / "model.safetensors", seeded_state(*Backbone::create("resnet20", 1)),
                    {});
  std::ofstream(folder / "config.json") << R"({"pretrained_cfg": {"input_size": [3, 40, 40]}})";
  EXPECT_EQ(Backbone::load("resnet20", folder)->info().preprocessing.input_size, 40);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace submask
