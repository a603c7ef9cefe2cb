// Whole crops, from the file to the network's pixels, against torchvision and Pillow.
#include <algorithm>
#include <optional>
#include <utility>

#include "base/fail.h"
#include "base/hash.h"
#include "base/names.h"
#include "data/batch/transform.h"
#include "data/data_fixtures.h"

namespace submask {
namespace {

struct NamedImage {
  std::string file, name;
  Image image;
};

NamedImage read_named_image(std::istringstream& fields) {
  constexpr uint64_t noise_key = 92;
  NamedImage named;
  std::string digest;
  int width = 0, height = 0;
  EXPECT_TRUE(fields >> named.file >> width >> height >> digest);
  named.name = text(named.file, ' ', width, " x ", height);
  named.image = named.file == "noise" ? noise_image(noise_key, width, height)
                                      : read_image(golden_folder() / named.file);
  EXPECT_EQ(named.image.width, width) << named.name;
  EXPECT_EQ(named.image.height, height) << named.name;
  EXPECT_EQ(sha256_hex(named.image.pixels).substr(0, 16), digest) << named.name;
  return named;
}

// One parameter set of make_crops.py. The box is in thousandths of an image.
struct CropParameters {
  Preprocessing preprocessing;
  int64_t size = 0;
  std::optional<CropBox> thousandths;
  CropDraw draw;
};

// Nothing for "-".
template <typename T>
std::optional<T> read_optional(std::istringstream& fields) {
  std::string word;
  fields >> word;
  if (word == "-") return std::nullopt;
  T value{};
  std::istringstream(word) >> value;
  return value;
}

CropParameters read_parameters(std::istringstream& fields) {
  CropParameters crop;
  std::string interpolation;
  fields >> crop.size >> interpolation >> crop.preprocessing.crop_share;
  crop.preprocessing.interpolation = value_named<Interpolation>(interpolation, "an interpolation");
  const auto left = read_optional<int>(fields), top = read_optional<int>(fields),
             width = read_optional<int>(fields), height = read_optional<int>(fields);
  if (left) crop.thousandths = CropBox{*left, *top, *width, *height};
  fields >> crop.draw.dx >> crop.draw.dy >> crop.draw.mirrored;
  const auto order = read_optional<std::string>(fields);
  ColourJitter jitter;
  fields >> jitter.brightness >> jitter.contrast >> jitter.saturation;
  jitter.hue = read_optional<double>(fields);
  if (order) {
    jitter.order = jitter_order(*order);
    crop.draw.jitter = jitter;
  }
  fields >> crop.draw.grey;
  crop.draw.blur_sigma = read_optional<float>(fields);
  EXPECT_TRUE(fields >> crop.draw.solarise);
  return crop;
}

CropBox box_within(const Image& image, const CropBox& thousandths) {
  const auto share = [](int length, int begin, int extent) {
    const int first = length * begin / 1000;
    return std::pair(first, std::max(1, length * (begin + extent) / 1000 - first));
  };
  const auto [left, width] = share(image.width, thousandths.left, thousandths.width);
  const auto [top, height] = share(image.height, thousandths.top, thousandths.height);
  return {left, top, width, height};
}

CropDraw draw_for(const Image& image, const CropParameters& crop) {
  CropDraw draw = crop.draw;
  if (crop.thousandths) draw.box = box_within(image, *crop.thousandths);
  return draw;
}

std::string digest_of_crop(const Image& image, const CropParameters& crop) {
  std::vector<uint8_t> out(static_cast<size_t>(3 * crop.size * crop.size), 99);
  Transformer(crop.preprocessing).apply(image, draw_for(image, crop), crop.size, out);
  return sha256_hex(out).substr(0, 8);
}

// As the loader reads a JPEG file: only the pixels that the crop needs.
Image read_part(const NamedImage& named, const CropParameters& crop) {
  const auto box = draw_for(named.image, crop).box;
  ImageRequest request;
  request.part = [&](int width, int height) {
    return Transformer(crop.preprocessing).part_read(width, height, box, crop.size);
  };
  return read_image(golden_folder() / named.file, {}, request);
}

TEST(WholeCrops, EqualTorchvisionsBitForBit) {
  std::vector<NamedImage> images;
  int sets = 0;
  for (const std::string& line : golden_lines("crops.txt")) {
    std::istringstream fields(line);
    std::string kind;
    fields >> kind;
    if (kind == "image") {
      images.push_back(read_named_image(fields));
      continue;
    }
    ASSERT_EQ(kind, "crop") << line;
    ++sets;
    const CropParameters crop = read_parameters(fields);
    for (const NamedImage& each : images) {
      std::string digest;
      ASSERT_TRUE(fields >> digest) << line;
      EXPECT_EQ(digest_of_crop(each.image, crop), digest)
          << each.name << ", set " << sets << ": " << line.substr(0, 100);
      if (!each.file.ends_with(".jpg")) continue;
      EXPECT_EQ(digest_of_crop(read_part(each, crop), crop), digest)
          << "from a part of " << each.name << ", set " << sets;
    }
  }
  EXPECT_EQ(images.size(), 20U);
  EXPECT_EQ(sets, 200);
}

}  // namespace
}  // namespace submask
