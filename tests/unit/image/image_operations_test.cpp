#include <algorithm>
#include <array>
#include <limits>

#include "base/hash.h"
#include "data/data_fixtures.h"
#include "image/colour_jitter.h"
#include "image/colour_operations.h"
#include "image/gaussian_blur.h"

namespace submask {
namespace {

// tests/reference/make_image_operations.py makes the same.
Image picture(const std::string& kind, uint64_t key, int width, int height) {
  Image image = noise_image(key, width, height);
  const int row = 3 * width;
  for (int i = 0; i < row * height; ++i) {
    const int x = i % row / 3, y = i / row, c = i % 3;
    uint8_t& value = image.pixels[static_cast<size_t>(i)];
    if (kind == "gradient")
      value = static_cast<uint8_t>(std::min(x * (c + 2) + y * (4 - c) + value % 8, 255));
    else if (kind == "saturated")
      value = value < 85 ? 0 : value < 170 ? 255 : value;
    else if (kind == "grey")
      value = image.pixels[static_cast<size_t>(i - c)];
    else if (kind == "dark")
      value /= 16;
  }
  return image;
}

std::string short_digest(const std::vector<uint8_t>& pixels) {
  return sha256_hex(pixels).substr(0, 16);
}

template <typename Operation>
std::string after(const Image& image, const Operation& operation) {
  std::vector<uint8_t> pixels = image.pixels;
  operation(std::span(pixels));
  return short_digest(pixels);
}

TEST(ImageOperations, EqualPillowBitForBit) {
  int cases = 0;
  GaussianBlur gaussian;
  for (const std::string& line : golden_lines("image_operations.txt")) {
    std::istringstream fields(line);
    std::string kind, order;
    int width = 0, height = 0;
    ColourJitter jitter;
    double hue = 0;
    float sigma = 0;
    fields >> kind;
    if (kind == "every") continue;
    std::array<std::string, 8> digests;
    ASSERT_TRUE(fields >> width >> height >> jitter.brightness >> jitter.contrast >>
                jitter.saturation >> hue >> sigma >> order)
        << line;
    for (std::string& digest : digests) ASSERT_TRUE(fields >> digest) << line;
    jitter.hue = hue;
    jitter.order = jitter_order(order);
    const Image image = picture(kind, 1000 + static_cast<uint64_t>(cases++), width, height);
    const std::array<std::string, 8> results = {
        after(image, [&](auto rgb) { adjust_brightness(rgb, jitter.brightness); }),
        after(image, [&](auto rgb) { adjust_contrast(rgb, jitter.contrast); }),
        after(image, [&](auto rgb) { adjust_saturation(rgb, jitter.saturation); }),
        after(image, [&](auto rgb) { adjust_hue(rgb, hue); }),
        after(image, [&](auto rgb) { apply_colour_jitter(rgb, jitter); }),
        after(image, make_grey),
        after(image, solarise),
        after(image, [&](auto rgb) { gaussian.blur(view_of(image), sigma, rgb); })};
    EXPECT_EQ(results, digests) << line;
  }
  EXPECT_EQ(cases, 200);
}

TEST(ImageOperations, EveryColourEqualsPillow) {
  Image colours{4096, 4096, std::vector<uint8_t>(size_t{3} << 24)};
  for (uint32_t n = 0; n < 1U << 24; ++n)
    for (uint32_t c = 0; c < 3; ++c)
      colours.pixels[3 * size_t{n} + c] = static_cast<uint8_t>(n >> (8 * (2 - c)));
  int cases = 0;
  for (const std::string& line : golden_lines("image_operations.txt")) {
    std::istringstream fields(line);
    std::string kind, digest;
    char step = 0;
    double factor = 0;
    fields >> kind;
    if (kind != "every") continue;
    ++cases;
    ASSERT_TRUE(fields >> step >> factor >> digest) << line;
    const auto adjust = step == 'h'   ? adjust_hue
                        : step == 's' ? adjust_saturation
                                      : adjust_contrast;
    EXPECT_EQ(after(colours, [&](auto rgb) { adjust(rgb, factor); }), digest) << line;
  }
  EXPECT_EQ(cases, 6);
}

TEST(GaussianBlur, BlursAPartOfAnImageAndInPlace) {
  const Image whole = noise_image(80, 50, 40);
  const ImageView part = view_of(whole).crop(7, 5, 21, 33);
  Image copy{21, 33, {}};
  for (int y = 0; y < part.height; ++y)
    copy.pixels.insert(copy.pixels.end(), part.row(y), part.row(y) + 63);
  GaussianBlur gaussian;
  for (const float sigma : {0.0F, 0.1F, 1.5F, 40.0F}) {
    std::vector<uint8_t> apart(copy.pixels.size());
    Image in_place = copy;
    gaussian.blur(part, sigma, apart);
    gaussian.blur(view_of(in_place), sigma, in_place.pixels);
    EXPECT_EQ(apart, in_place.pixels) << sigma;
    EXPECT_EQ(apart == copy.pixels, sigma == 0) << sigma;
  }
}

TEST(ImageOperations, RefuseValuesOutOfRange) {
  Image image = noise_image(81, 4, 4);
  const Image before = image;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  const auto refused = [](const auto& action) {
    return error_of(ErrorKind::invalid_argument, action);
  };
  EXPECT_EQ(refused([&] { adjust_brightness(image.pixels, nan); }),
            "expected a finite factor, got nan");
  EXPECT_EQ(refused([&] { adjust_contrast(image.pixels, infinite); }),
            "expected a finite factor, got inf");
  EXPECT_EQ(refused([&] { adjust_saturation(image.pixels, nan); }),
            "expected a finite factor, got nan");
  EXPECT_EQ(refused([&] { adjust_hue(image.pixels, 0.51); }),
            "expected a hue shift of -.5 to .5, got 0.51");
  EXPECT_EQ(refused([&] { adjust_hue(image.pixels, nan); }),
            "expected a hue shift of -.5 to .5, got nan");
  GaussianBlur gaussian;
  for (const auto& [sigma, got] :
       {std::pair{-1.0F, "-1"}, {1001.0F, "1001"}, {static_cast<float>(nan), "nan"}})
    EXPECT_EQ(refused([&, blur = sigma] { gaussian.blur(view_of(image), blur, image.pixels); }),
              std::string("expected a blur of 0 to 1000 pixels, got ") + got);
  EXPECT_EQ(image.pixels, before.pixels);
}

}  // namespace
}  // namespace submask
