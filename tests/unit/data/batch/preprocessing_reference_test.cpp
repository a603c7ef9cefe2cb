// Configurations of timm, transformers and open_clip, from their files to the network's pixels:
// tests/reference/make_preprocessing.py.
#include <nlohmann/json.hpp>

#include <ATen/ATen.h>

#include "backbone/timm_config.h"
#include "base/hash.h"
#include "data/batch/transform.h"
#include "data/data_fixtures.h"

namespace submask {
namespace {

using nlohmann::json;

json reference_cases() {
  return json::parse(read_text_file(golden_folder() / "preprocessing.json")).at("cases");
}

Preprocessing preprocessing_of(const json& test_case) {
  BackboneInfo info = backbone_info("resnet18");
  WeightFile file;
  const std::string library = test_case["library"], config = test_case["config"].dump();
  (library == "timm"           ? file.config
   : library == "transformers" ? file.preprocessor_config
                               : file.open_clip_config) = config;
  apply_config(info, file, "FILE");
  return info.preprocessing;
}

// uint8 [S, S, 3]
std::vector<uint8_t> cut(const Preprocessing& steps, const Image& image, bool mirrored) {
  std::vector<uint8_t> out(static_cast<size_t>(3 * steps.input_size * steps.input_size), 99);
  Transformer(steps).cut(image, std::nullopt, mirrored, steps.input_size, out);
  return out;
}

std::string digest_of_planes(const std::vector<uint8_t>& pixels) {
  std::vector<uint8_t> planes;
  for (size_t channel = 0; channel < 3; ++channel)
    for (size_t i = channel; i < pixels.size(); i += 3) planes.push_back(pixels[i]);
  return sha256_hex(planes).substr(0, 16);
}

TEST(PreprocessingReference, GivesThePixelsOfTheHomeLibrary) {
  const json cases = reference_cases();
  ASSERT_GE(cases.size(), 20U);
  for (const json& test_case : cases)
    for (const json& image : test_case["images"]) {
      SCOPED_TRACE(test_case["config"].dump() + " on " + image.dump());
      const Preprocessing steps = preprocessing_of(test_case);
      ASSERT_EQ(steps.input_size, image["input_size"]);
      const auto pixels = cut(steps, noise_image(79, image["width"], image["height"]), false);
      EXPECT_EQ(digest_of_planes(pixels), image["pixels"]);
      const at::Tensor crop = at::tensor(at::ArrayRef<uint8_t>(pixels))
                                  .view({1, steps.input_size, steps.input_size, 3});
      const at::Tensor values = normalise(crop.permute({0, 3, 1, 2}), steps).flatten(2)[0];
      for (int64_t channel = 0; channel < 3; ++channel) {
        const double expected = image["values"][static_cast<size_t>(channel)];
        EXPECT_NEAR(values[channel][5].item<double>(), expected, 1e-5 * (1 + std::abs(expected)));
      }
    }
}

// The image mirrored is the crop mirrored, where nothing is left over.
TEST(PreprocessingReference, MirrorsBorders) {
  Preprocessing steps{.input_size = 25, .resize = ResizeMode::border, .fill = {9, 8, 7}};
  const Image image = noise_image(80, 20, 40);
  const auto plain = cut(steps, image, false), mirrored = cut(steps, image, true);
  for (size_t y = 0; y < 25; ++y)
    for (size_t x = 0; x < 25; ++x)
      for (size_t channel = 0; channel < 3; ++channel)
        ASSERT_EQ(mirrored[3 * (25 * y + x) + channel], plain[3 * (25 * y + 24 - x) + channel])
            << x << ' ' << y;
  EXPECT_EQ((std::vector<uint8_t>{plain[0], plain[1], plain[2]}), (std::vector<uint8_t>{9, 8, 7}));
}

// Decoders leave out what a crop does not read.
TEST(PreprocessingReference, ReadsNoMoreThanItSays) {
  for (const json& test_case : reference_cases())
    for (const json& size : test_case["images"]) {
      const Preprocessing steps = preprocessing_of(test_case);
      const Image whole = noise_image(79, size["width"], size["height"]);
      const CropBox read =
          Transformer(steps).part_read(whole.width, whole.height, std::nullopt, steps.input_size);
      Image part = whole;
      for (int y = 0; y < whole.height; ++y)
        for (int x = 0; x < whole.width; ++x)
          if (x < read.left || y < read.top || x >= read.left + read.width ||
              y >= read.top + read.height)
            for (int channel = 0; channel < 3; ++channel)
              part.pixels[static_cast<size_t>(3 * (y * whole.width + x) + channel)] = 123;
      EXPECT_EQ(cut(steps, part, false), cut(steps, whole, false)) << test_case["config"].dump();
    }
}

}  // namespace
}  // namespace submask
