#include "image/colour_jitter.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "data/data_fixtures.h"

namespace submask {
namespace {

TEST(ColourJitter, DrawsUniformlyFromTorchvisionsRanges) {
  const ColourJitterStrength strength{
      .brightness = 0.4, .contrast = 1.5, .saturation = 0.2, .hue = 0.1};
  constexpr int count = 24000;
  ColourJitter sum{.brightness = 0, .contrast = 0, .saturation = 0, .hue = 0.0};
  std::map<std::array<ColourStep, 4>, int> orders;
  double lowest_contrast = 9, highest_contrast = 0;
  for (uint64_t sample = 0; sample < count; ++sample) {
    Random random = random_stream(5, Stream::augment, 0, sample);
    const ColourJitter jitter = draw_colour_jitter(strength, random);
    ASSERT_LE(std::fabs(jitter.brightness - 1), 0.4);
    ASSERT_LE(std::fabs(jitter.saturation - 1), 0.2);
    ASSERT_LE(std::fabs(*jitter.hue), 0.1);
    lowest_contrast = std::min(lowest_contrast, jitter.contrast);
    highest_contrast = std::max(highest_contrast, jitter.contrast);
    sum.brightness += jitter.brightness;
    sum.saturation += jitter.saturation;
    *sum.hue += *jitter.hue;
    ++orders[jitter.order];
  }
  EXPECT_NEAR(lowest_contrast, 0, 0.002);  // 1 - 1.5 is cut off at 0
  EXPECT_NEAR(highest_contrast, 2.5, 0.002);
  EXPECT_NEAR(sum.brightness / count, 1, 0.01);
  EXPECT_NEAR(sum.saturation / count, 1, 0.005);
  EXPECT_NEAR(*sum.hue / count, 0, 0.003);
  EXPECT_EQ(orders.size(), 24U);
  for (const auto& [order, times] : orders) EXPECT_NEAR(times, count / 24.0, 160);  // 5 deviations
}

TEST(ColourJitter, TakesAsManyDrawsWhateverTheStrength) {
  Random weak({1}), strong({1});
  const ColourJitter none = draw_colour_jitter({}, weak);
  draw_colour_jitter({.brightness = 1, .contrast = 1, .saturation = 1, .hue = 0.5}, strong);
  EXPECT_EQ(weak.next(), strong.next());
  EXPECT_EQ(none.brightness, 1);
  EXPECT_EQ(none.contrast, 1);
  EXPECT_EQ(none.saturation, 1);
  EXPECT_FALSE(none.hue);
  Image image = noise_image(82, 20, 10);
  const Image before = image;
  apply_colour_jitter(image.pixels, none);
  EXPECT_EQ(image.pixels, before.pixels);
}

TEST(ColourJitter, RefusesStrengthsOutOfRange) {
  const auto refused = [](const ColourJitterStrength& strength) {
    return error_of(ErrorKind::invalid_argument, [&] { check_strength(strength); });
  };
  check_strength({.brightness = 3, .contrast = 0, .saturation = 1, .hue = 0.5});
  EXPECT_EQ(refused({.brightness = -0.1}), "expected a brightness jitter of 0 or more, got -0.1");
  EXPECT_EQ(refused({.contrast = std::nan("")}),
            "expected a contrast jitter of 0 or more, got nan");
  EXPECT_EQ(refused({.saturation = INFINITY}),
            "expected a saturation jitter of 0 or more, got inf");
  EXPECT_EQ(refused({.hue = 0.6}), "expected a hue jitter of 0 to .5, got 0.6");
}

}  // namespace
}  // namespace submask
