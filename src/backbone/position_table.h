// Learned position embeddings: a row for each of the first `tokens` (the class token, or the token
// that pools, and others), then one for each cell of a square grid, row by row.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace submask {

bool is_square(int64_t cells);

// [..., tokens + side * side, width] -> [..., tokens + rows * columns, width]. The grid is resized
// bicubically with antialiasing, as in timm's resample_abs_pos_embed.
at::Tensor resize_positions(const at::Tensor& table, int64_t rows, int64_t columns,
                            int64_t tokens = 1);

// Resizes a checkpoint's table to the grid of the network's table. Returns it unchanged where it is
// no table of the same width with a square grid.
at::Tensor fit_positions(const at::Tensor& table, const at::Tensor& network_table,
                         int64_t tokens = 1);

}  // namespace submask
