#include <cstdio>
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <jpeglib.h>

#include <submask/recipe.h>

#include "base/random.h"
#include "data/batch/transform.h"
#include "data/data_fixtures.h"
#include "image/image.h"

namespace submask {
namespace {

struct Encoding {
  int horizontal = 1, vertical = 1;  // colour subsampling
  bool progressive = false;
  int restart_rows = 0;
};

std::vector<uint8_t> encode_jpeg(const Image& image, const Encoding& encoding) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_width = static_cast<JDIMENSION>(image.width);
  info.image_height = static_cast<JDIMENSION>(image.height);
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 90, TRUE);
  info.comp_info[0].h_samp_factor = encoding.horizontal;
  info.comp_info[0].v_samp_factor = encoding.vertical;
  info.restart_in_rows = encoding.restart_rows;
  if (encoding.progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    auto* row = const_cast<uint8_t*>(view_of(image).row(info.next_scanline));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  std::vector<uint8_t> result(bytes, bytes + size);
  jpeg_destroy_compress(&info);
  std::free(bytes);
  return result;
}

std::vector<Encoding> encodings() {
  std::vector<Encoding> list;
  for (const auto& [horizontal, vertical] : {std::pair{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}})
    for (const bool progressive : {false, true})
      list.push_back({horizontal, vertical, progressive, list.size() % 3 == 2 ? 2 : 0});
  return list;
}

std::vector<uint8_t> pixels_of(const Image& image, const CropBox& box) {
  std::vector<uint8_t> pixels;
  for (int y = box.top; y < box.top + box.height; ++y) {
    const uint8_t* begin = view_of(image).row(y) + ptrdiff_t{3} * box.left;
    pixels.insert(pixels.end(), begin, begin + ptrdiff_t{3} * box.width);
  }
  return pixels;
}

TEST(PartialDecode, ThePartIsThatOfTheWhole) {
  Random random({21});
  for (const Encoding& encoding : encodings())
    for (const auto& [width, height] : {std::pair{151, 130}, {64, 200}, {333, 47}}) {
      const auto bytes = encode_jpeg(noise_image(9, width, height), encoding);
      const Image whole = decode_image(bytes, "whole");
      for (int i = 0; i < 40; ++i) {
        const CropBox box =
            random_crop_box(width, height, parse_crop("crop=random,scale-min=.01"), random);
        ImageRequest request;
        request.part = [&, width = width, height = height](int got_width, int got_height) {
          EXPECT_EQ(std::pair(got_width, got_height), std::pair(width, height));
          return box;
        };
        const Image part = decode_image(bytes, "part", {.pixel_limit = 100'000}, request);
        ASSERT_EQ(pixels_of(part, box), pixels_of(whole, box))
            << encoding.horizontal << " x " << encoding.vertical << ", "
            << (encoding.progressive ? "progressive, " : "") << box.width << " x " << box.height
            << " at " << box.left << ", " << box.top << " of " << width << " x " << height;
      }
    }
}

TEST(PartialDecode, FindsFilesThatAreCutBehindThePart) {
  auto bytes = encode_jpeg(noise_image(9, 200, 200), {2, 2, false, 0});
  bytes.resize(bytes.size() * 4 / 5);
  ImageRequest request;
  request.part = [](int, int) { return CropBox{10, 10, 30, 30}; };
  EXPECT_THAT(error_of(ErrorKind::corrupt_file,
                       [&] { decode_image(bytes, "cut", {.pixel_limit = 100'000}, request); }),
              testing::MatchesRegex("expected a whole JPEG image, got .+, in cut"));
}

TEST(FastDecode, KeepsTheShorterSide) {
  const auto bytes = encode_jpeg(noise_image(9, 200, 120), {2, 2, false, 0});
  const auto size_at = [&](int64_t shorter_side) {
    ImageRequest request;
    request.shorter_side = shorter_side;
    const Image image = decode_image(bytes, "fast", {.pixel_limit = 100'000}, request);
    EXPECT_EQ(image.pixels.size(), static_cast<size_t>(3 * image.width * image.height));
    return std::pair(image.width, image.height);
  };
  EXPECT_EQ(size_at(0), std::pair(200, 120));
  EXPECT_EQ(size_at(1), std::pair(25, 15));
  EXPECT_EQ(size_at(15), std::pair(25, 15));
  EXPECT_EQ(size_at(16), std::pair(50, 30));
  EXPECT_EQ(size_at(61), std::pair(125, 75));
  EXPECT_EQ(size_at(106), std::pair(200, 120));
  EXPECT_EQ(size_at(500), std::pair(200, 120));
  // The limit is on the file's own size: nobody gets round it by asking for less.
  ImageRequest request;
  request.shorter_side = 15;
  EXPECT_EQ(
      error_of(ErrorKind::corrupt_file,
               [&] { decode_image(bytes, "fast", {.pixel_limit = 23'999}, request); }),
      "expected an image of 1 to 23999 pixels (--pixel-limit changes that), got 200 x 120, in "
      "fast");
}

TEST(FastDecode, AsksForWhatTheCropsNeed) {
  Transform transform;
  transform.preprocessing.crop_share = 0.875;
  EXPECT_EQ(shorter_side(transform), 0);
  transform.fast_decode = true;
  EXPECT_EQ(shorter_side(transform), 256);
  transform.crops = {parse_crop("crop=random,scale-min=1")};
  EXPECT_EQ(shorter_side(transform), 224);
  transform.crops = {parse_crop("crop=random,scale-min=.3")};
  EXPECT_EQ(shorter_side(transform), 473);
  transform.crops.push_back(parse_crop("size=500"));
  EXPECT_EQ(shorter_side(transform), 572);
}

}  // namespace
}  // namespace submask
