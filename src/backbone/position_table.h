// Learned position embeddings: one row for the class token (or what pools in its stead), then one a
// cell of a square grid, row by row.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace submask {

// [..., 1 + side * side, width] -> [..., 1 + rows * columns, width], the grid resized bicubically
// with antialiasing, as timm's resample_abs_pos_embed does.
at::Tensor resized_positions(const at::Tensor& table, int64_t rows, int64_t columns);

// A checkpoint's table for the grid of `own`; unchanged where it is no table of `own`'s width.
at::Tensor fitted_positions(const at::Tensor& table, const at::Tensor& own);

}  // namespace submask
