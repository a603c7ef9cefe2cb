// A tile is sixteen lines of RGB pixels side by side, so that one loop over its lanes works on all
// lines at once: pixel x of line l is at byte x * tile_lanes + 3 * l.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace submask {

constexpr int tile_lines = 16;
constexpr int tile_lanes = 3 * tile_lines;

// Copies `count` (at most tile_lines) rows of `length` pixels, `row_bytes` apart, into a tile.
inline void rows_to_tile(const uint8_t* rows, ptrdiff_t row_bytes, int length, int count,
                         uint8_t* tile) {
  for (int x = 0; x < length; ++x, rows += 3, tile += tile_lanes)
    for (int line = 0; line < count; ++line)
      std::memcpy(tile + ptrdiff_t{3} * line, rows + line * row_bytes, 3);
}

inline void tile_to_rows(const uint8_t* tile, int length, int count, uint8_t* rows,
                         ptrdiff_t row_bytes) {
  for (int x = 0; x < length; ++x, rows += 3, tile += tile_lanes)
    for (int line = 0; line < count; ++line)
      std::memcpy(rows + line * row_bytes, tile + ptrdiff_t{3} * line, 3);
}

// Copies `height` rows of `bytes` bytes, which are `from_step` bytes apart in the source and
// `to_step` bytes apart in the result.
inline void copy_rows(const uint8_t* from, ptrdiff_t from_step, uint8_t* to, ptrdiff_t to_step,
                      ptrdiff_t bytes, int height) {
  for (int y = 0; y < height; ++y, from += from_step, to += to_step)
    std::memmove(to, from, static_cast<size_t>(bytes));
}

}  // namespace submask
