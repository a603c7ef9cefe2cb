#include "backbone/position_table.h"

#include <cmath>

#include <ATen/ops/_upsample_bicubic2d_aa.h>
#include <ATen/ops/cat.h>

namespace submask {
namespace {

// The side of a square of so many cells; 0 where they are none.
int64_t square_side(int64_t cells) {
  if (cells < 1) return 0;
  const auto side = static_cast<int64_t>(std::llround(std::sqrt(static_cast<double>(cells))));
  return side * side == cells ? side : 0;
}

}  // namespace

bool is_square(int64_t cells) { return square_side(cells) > 0; }

at::Tensor resize_positions(const at::Tensor& table, int64_t rows, int64_t columns,
                            int64_t tokens) {
  const int64_t side = square_side(table.size(-2) - tokens);
  if (rows == side && columns == side) return table;
  const at::Tensor first = table.narrow(-2, 0, tokens);
  const at::Tensor grid = table.narrow(-2, tokens, side * side)
                              .to(at::kFloat)
                              .reshape({1, side, side, -1})
                              .permute({0, 3, 1, 2});
  std::vector<int64_t> sizes = table.sizes().vec();
  sizes[sizes.size() - 2] = rows * columns;
  const at::Tensor resized = at::_upsample_bicubic2d_aa(grid, {rows, columns},
                                                        /*align_corners=*/false)
                                 .permute({0, 2, 3, 1})
                                 .reshape(sizes);
  return at::cat({first, resized}, -2);
}

at::Tensor fit_positions(const at::Tensor& table, const at::Tensor& network_table, int64_t tokens) {
  const bool is_table = table.is_floating_point() && (table.dim() == 2 || table.dim() == 3) &&
                        table.size(-1) == network_table.size(-1) &&
                        table.numel() == table.size(-2) * table.size(-1) && table.size(-2) > 1;
  if (!is_table || !is_square(table.size(-2) - tokens)) return table;
  const int64_t side = square_side(network_table.size(-2) - tokens);
  return resize_positions(table, side, side, tokens);
}

}  // namespace submask
