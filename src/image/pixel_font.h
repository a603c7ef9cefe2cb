// Printable ASCII as pixels, for captions in a picture: letters of 5 x 7 pixels, with one row below
// them for tails and one column between them.
#pragma once

namespace submask {

constexpr int glyph_width = 6;
constexpr int glyph_height = 8;

// Whether a letter has ink in pixel (x, y) of its 6 x 8 cell. Other bytes have no ink.
bool glyph_has_ink(char letter, int x, int y);

}  // namespace submask
