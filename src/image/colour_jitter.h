// torchvision's ColorJitter, with its random part and its pixel part apart.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/random.h"

namespace submask {

enum class ColourStep : uint8_t { brightness, contrast, saturation, hue };

// ColorJitter's arguments: how far each factor may lie from 1, and the hue from 0. 0 leaves a step
// out.
struct ColourJitterStrength {
  double brightness = 0, contrast = 0, saturation = 0;  // 0 and above
  double hue = 0;                                       // 0 ... .5
};

// What is done to one image.
struct ColourJitter {
  double brightness = 1, contrast = 1, saturation = 1;
  std::optional<double> hue;  // none leaves the step out: a shift of 0 would round
  std::array<ColourStep, 4> order = {ColourStep::brightness, ColourStep::contrast,
                                     ColourStep::saturation, ColourStep::hue};
};

// Throws invalid_argument naming the field that is out of range.
void check_strength(const ColourJitterStrength& strength);

// Uniform in [max(0, 1 - strength), 1 + strength], the hue in [-strength, strength], the order any
// of the 24. Takes as many draws whatever the (checked) strength.
ColourJitter draw_colour_jitter(const ColourJitterStrength& strength, Random& random);

// Changes `rgb` (whole pixels without gaps) in place: one step after the other, each to 8 bits.
void apply_colour_jitter(std::span<uint8_t> rgb, const ColourJitter& jitter);

}  // namespace submask
