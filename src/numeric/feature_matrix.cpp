#include "numeric/feature_matrix.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <ATen/ATen.h>

#include "base/fail.h"

namespace submask {
namespace {

std::string described(const at::Tensor& tensor) {
  return tensor.defined() ? text(tensor.scalar_type(), " ", tensor.sizes()) : "nothing";
}

void check_finite(const at::Tensor& matrix, std::string_view what) {
  for (int64_t begin = 0; begin < matrix.size(0); begin += feature_block_rows) {
    const int64_t rows = std::min(feature_block_rows, matrix.size(0) - begin);
    const at::Tensor block = matrix.narrow(0, begin, rows);
    if (block.numel() == 0) continue;
    // Both are NaN where the block has one: a single pass over what nearly always is finite.
    const auto [low, high] = at::aminmax(block);
    if (std::isfinite(low.item<float>()) && std::isfinite(high.item<float>())) continue;
    const at::Tensor finite = at::isfinite(block).all(1);
    const int64_t row = begin + finite.to(at::kInt).argmin().item<int64_t>();
    fail_argument(text("finite ", what), text("NaN or infinity in row ", row));
  }
}

}  // namespace

at::Tensor feature_matrix(const at::Tensor& values, std::string_view what) {
  if (!values.defined() || values.dim() != 2 || !values.is_floating_point())
    fail_argument(text(what, " as a floating-point matrix [N, D]"), described(values));
  at::Tensor matrix = values.detach().to(at::kCPU, at::kFloat).contiguous();
  check_finite(matrix, what);
  return matrix;
}

at::Tensor class_vector(const at::Tensor& values, int64_t count, int64_t classes,
                        std::string_view what) {
  if (classes < 1) fail_argument("at least one class", classes);
  if (!values.defined() || values.dim() != 1 || values.size(0) != count ||
      values.scalar_type() != at::kLong)
    fail_argument(text(what, " as Long [", count, "]"), described(values));
  at::Tensor vector = values.to(at::kCPU).contiguous();
  if (count == 0) return vector;
  const int64_t low = vector.min().item<int64_t>(), high = vector.max().item<int64_t>();
  if (low < 0 || high >= classes)
    fail_argument(text(what, " in 0 ... ", classes - 1), low < 0 ? low : high);
  return vector;
}

}  // namespace submask
