#include "image/colour_jitter.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/fail.h"
#include "image/colour_operations.h"

namespace submask {
namespace {

void require_factor(const char* expected, double strength) {
  if (!(strength >= 0) || !std::isfinite(strength)) fail_argument(expected, strength);
}

double between(double low, double high, double share) { return low + (high - low) * share; }

double factor(double strength, double share) {
  return between(std::max(0.0, 1 - strength), 1 + strength, share);
}

}  // namespace

void check_strength(const ColourJitterStrength& strength) {
  require_factor("a brightness jitter of 0 or more", strength.brightness);
  require_factor("a contrast jitter of 0 or more", strength.contrast);
  require_factor("a saturation jitter of 0 or more", strength.saturation);
  if (!(strength.hue >= 0 && strength.hue <= 0.5))
    fail_argument("a hue jitter of 0 to .5", strength.hue);
}

ColourJitter draw_colour_jitter(const ColourJitterStrength& strength, Random& random) {
  ColourJitter jitter;
  for (size_t i = jitter.order.size(); i > 1; --i)
    std::swap(jitter.order[i - 1], jitter.order[random.below(i)]);
  jitter.brightness = factor(strength.brightness, random.uniform());
  jitter.contrast = factor(strength.contrast, random.uniform());
  jitter.saturation = factor(strength.saturation, random.uniform());
  const double hue = between(-strength.hue, strength.hue, random.uniform());
  if (strength.hue > 0) jitter.hue = hue;
  return jitter;
}

void apply_colour_jitter(std::span<uint8_t> rgb, const ColourJitter& jitter) {
  for (const ColourStep step : jitter.order) {
    switch (step) {
      case ColourStep::brightness:
        if (jitter.brightness != 1) adjust_brightness(rgb, jitter.brightness);
        break;
      case ColourStep::contrast:
        if (jitter.contrast != 1) adjust_contrast(rgb, jitter.contrast);
        break;
      case ColourStep::saturation:
        if (jitter.saturation != 1) adjust_saturation(rgb, jitter.saturation);
        break;
      case ColourStep::hue:
        if (jitter.hue) adjust_hue(rgb, *jitter.hue);
        break;
    }
  }
}

}  // namespace submask
