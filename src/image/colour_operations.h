// Colour operations on 8-bit RGB, equal bit for bit to what Pillow 13 makes of the same pixels.
//
// `rgb` holds whole pixels, red first, without gaps between rows, and is changed in place. A factor
// or shift that is not finite throws invalid_argument. Safe from many threads.
#pragma once

#include <cstdint>
#include <span>

namespace submask {

// Pillow's ImageEnhance: base + factor * (value - base) in float, cut off at 0 and 255, fractions
// dropped. 1 keeps the image, 0 leaves the base.
void adjust_brightness(std::span<uint8_t> rgb, double factor);  // base: black
void adjust_contrast(std::span<uint8_t> rgb, double factor);    // base: the mean grey of `rgb`
void adjust_saturation(std::span<uint8_t> rgb, double factor);  // base: the pixel's own grey

// Adds `shift` (-.5 ... .5 of the colour circle) to the hue, as torchvision's adjust_hue does: by
// way of 8-bit hue, saturation and value, so that a shift of 0 still rounds. Throws
// invalid_argument outside the range.
void adjust_hue(std::span<uint8_t> rgb, double shift);

// ITU-R 601-2 luma (Pillow's mode L) in all three channels.
void make_grey(std::span<uint8_t> rgb);

// Inverts values of 128 and above.
void solarise(std::span<uint8_t> rgb);

}  // namespace submask
