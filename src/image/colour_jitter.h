// torchvision's ColorJitter: drawing at random and changing pixels are apart.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/random.h"

namespace submask {

enum class ColourStep : uint8_t { brightness, contrast, saturation, hue };

// ColorJitter's arguments: the largest distance of each factor from 1, and of the hue from 0. A
// step of strength 0 is left out.
struct ColourJitterStrength {
  double brightness = 0, contrast = 0, saturation = 0;  // 0 and above
  double hue = 0;                                       // 0 ... .5
};

// The random choices for one image.
struct ColourJitter {
  double brightness = 1, contrast = 1, saturation = 1;
  std::optional<double> hue;  // nothing: no such step. A shift of 0 would round
  std::array<ColourStep, 4> order = {ColourStep::brightness, ColourStep::contrast,
                                     ColourStep::saturation, ColourStep::hue};
};

// Throws invalid_argument naming the field that is out of range.
void check_strength(const ColourJitterStrength& strength);

// Factors are uniform in [max(0, 1 - strength), 1 + strength], the hue in [-strength, strength],
// and the steps have any of the 24 orders. Draws the same number of random numbers for every
// (checked) strength.
ColourJitter draw_colour_jitter(const ColourJitterStrength& strength, Random& random);

// Changes `rgb` (whole pixels without gaps) in place. Each step rounds to 8 bits.
void apply_colour_jitter(std::span<uint8_t> rgb, const ColourJitter& jitter);

}  // namespace submask
