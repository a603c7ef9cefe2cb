#include "image/colour_operations.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/fail.h"
#include "base/vectorised.h"

namespace submask {
namespace {

void require_finite(double factor) {
  if (!std::isfinite(factor)) fail_argument("a finite factor", factor);
}

// The weights add up to 1 << 16.
inline int grey_of(int red, int green, int blue) {
  return (19595 * red + 38470 * green + 7471 * blue + (1 << 15)) >> 16;
}

inline uint8_t blend(int base, int value, float factor) {
  const float mixed = static_cast<float>(base) + factor * static_cast<float>(value - base);
  return static_cast<uint8_t>(static_cast<int>(std::min(std::max(mixed, 0.0F), 255.0F)));
}

SUBMASK_VECTORISED void blend_with_level(uint8_t* values, size_t count, int level, float factor) {
  for (size_t i = 0; i < count; ++i) values[i] = blend(level, values[i], factor);
}

SUBMASK_VECTORISED void blend_with_grey(uint8_t* rgb, size_t pixels, float factor) {
  for (size_t i = 0; i < pixels; ++i, rgb += 3) {
    const int red = rgb[0], green = rgb[1], blue = rgb[2];
    const int grey = grey_of(red, green, blue);
    rgb[0] = blend(grey, red, factor);
    rgb[1] = blend(grey, green, factor);
    rgb[2] = blend(grey, blue, factor);
  }
}

SUBMASK_VECTORISED void replace_by_grey(uint8_t* rgb, size_t pixels) {
  for (size_t i = 0; i < pixels; ++i, rgb += 3) {
    const auto grey = static_cast<uint8_t>(grey_of(rgb[0], rgb[1], rgb[2]));
    rgb[0] = rgb[1] = rgb[2] = grey;
  }
}

// Takes at most 2^24 pixels, so that the sum stays below 2^32.
SUBMASK_VECTORISED uint32_t sum_of_greys(const uint8_t* rgb, size_t pixels) {
  uint32_t sum = 0;
  for (size_t i = 0; i < pixels; ++i, rgb += 3)
    sum += static_cast<uint32_t>(grey_of(rgb[0], rgb[1], rgb[2]));
  return sum;
}

SUBMASK_VECTORISED void invert_bright(uint8_t* values, size_t count) {
  for (size_t i = 0; i < count; ++i)
    values[i] = static_cast<uint8_t>(values[i] < 128 ? values[i] : 255 - values[i]);
}

// One channel of a colour whose hue is `sixths` / 255 sixths of the circle. With x the way round
// the circle, a channel is at its lowest for two sixths, rises for one, is `value` for two and
// falls for one; `start` (in sixths) is where that sequence begins for the channel. Pillow rounds
// in double; the products are whole numbers below 2^24, so float rounds to the same bytes (tried
// for all 2^24 colours).
inline uint8_t channel_of(int start, int sixths, int saturation, int value) {
  constexpr int sixth = 255, circle = 6 * sixth, one = 255 * 255;
  constexpr float half = 0.5F;
  int way = sixths + start * sixth;
  way = way >= circle ? way - circle : way;
  const int missing = std::clamp(std::min(way, 4 * sixth - way), 0, sixth);
  const auto scaled = static_cast<float>(value * (one - saturation * missing));
  return static_cast<uint8_t>(static_cast<int>(scaled / static_cast<float>(one) + half));
}

// Converts to hue, saturation and value in Pillow's mixture of float and double, adds the shift,
// and converts back. Where two channels are the largest, red counts before green and green before
// blue. For a grey pixel the divisor is 1 instead of 0, which gives hue and saturation 0.
SUBMASK_VECTORISED void turn_hue(uint8_t* rgb, size_t pixels, int shift) {
  for (size_t i = 0; i < pixels; ++i, rgb += 3) {
    const int red = rgb[0], green = rgb[1], blue = rgb[2];
    const int value = std::max(red, std::max(green, blue));
    const int range = value - std::min(red, std::min(green, blue));
    const bool red_first = red == value, green_first = green == value;
    const int ahead = red_first ? blue : green_first ? red : green;
    const int behind = red_first ? green : green_first ? blue : red;
    const int base = red_first ? 0 : green_first ? 2 : 4;
    const auto divisor = static_cast<float>(std::max(range, 1));
    const float plus = static_cast<float>(value - ahead) / divisor;
    const float minus = static_cast<float>(value - behind) / divisor;
    const auto sixths = static_cast<float>(static_cast<double>(base) + static_cast<double>(plus) -
                                           static_cast<double>(minus));
    const double turns = static_cast<double>(sixths) / 6.0 + 1.0;
    const auto fraction = static_cast<float>(turns - static_cast<int>(turns));
    const int hue = static_cast<int>(static_cast<double>(fraction) * 255.0);
    const float share = static_cast<float>(range) / static_cast<float>(std::max(value, 1));
    const int saturation = static_cast<int>(static_cast<double>(share) * 255.0);
    const int turned = 6 * ((hue + shift) & 255);
    rgb[0] = channel_of(5, turned, saturation, value);
    rgb[1] = channel_of(3, turned, saturation, value);
    rgb[2] = channel_of(1, turned, saturation, value);
  }
}

int mean_grey(std::span<const uint8_t> rgb) {
  constexpr size_t block = size_t{1} << 24;
  const size_t pixels = rgb.size() / 3;
  uint64_t sum = 0;
  for (size_t first = 0; first < pixels; first += block)
    sum += sum_of_greys(rgb.data() + 3 * first, std::min(block, pixels - first));
  return pixels == 0 ? 0 : static_cast<int>((2 * sum + pixels) / (2 * pixels));  // half upwards
}

}  // namespace

void adjust_brightness(std::span<uint8_t> rgb, double factor) {
  require_finite(factor);
  blend_with_level(rgb.data(), rgb.size(), 0, static_cast<float>(factor));
}

void adjust_contrast(std::span<uint8_t> rgb, double factor) {
  require_finite(factor);
  blend_with_level(rgb.data(), rgb.size(), mean_grey(rgb), static_cast<float>(factor));
}

void adjust_saturation(std::span<uint8_t> rgb, double factor) {
  require_finite(factor);
  blend_with_grey(rgb.data(), rgb.size() / 3, static_cast<float>(factor));
}

void adjust_hue(std::span<uint8_t> rgb, double shift) {
  if (!(shift >= -0.5 && shift <= 0.5)) fail_argument("a hue shift of -.5 to .5", shift);
  turn_hue(rgb.data(), rgb.size() / 3, static_cast<int>(shift * 255));
}

void make_grey(std::span<uint8_t> rgb) { replace_by_grey(rgb.data(), rgb.size() / 3); }

void solarise(std::span<uint8_t> rgb) { invert_bright(rgb.data(), rgb.size()); }

}  // namespace submask
