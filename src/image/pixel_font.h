// Printable ASCII as pixels, so that a picture can say what it shows: letters of 5 x 7, a row below
// for tails, a column's gap.
#pragma once

namespace submask {

constexpr int glyph_width = 6;
constexpr int glyph_height = 8;

// Whether a letter has ink at this place of its 6 x 8 cell; other bytes have none anywhere.
bool glyph_has_ink(char letter, int x, int y);

}  // namespace submask
