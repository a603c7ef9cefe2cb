#include "numeric/feature_matrix.h"

#include <cmath>

#include <ATen/ATen.h>

#include "base/fail.h"

namespace submask {
namespace {

void check_finite(const at::Tensor& matrix, std::string_view name) {
  for_each_block(matrix, [&](const at::Tensor& block, int64_t first) {
    if (block.numel() == 0) return;
    // Both are NaN where the block has a NaN, so that one pass is enough for a block without any.
    const auto [low, high] = at::aminmax(block);
    if (std::isfinite(low.item<float>()) && std::isfinite(high.item<float>())) return;
    const at::Tensor finite = at::isfinite(block).all(1);
    const int64_t row = first + finite.to(at::kInt).argmin().item<int64_t>();
    fail_argument(text("finite ", name), text("NaN or infinity in row ", row));
  });
}

}  // namespace

std::string described(const at::Tensor& tensor) {
  return tensor.defined() ? text(tensor.scalar_type(), " ", tensor.sizes()) : "nothing";
}

at::Tensor feature_matrix(const at::Tensor& values, std::string_view name) {
  if (!values.defined() || values.dim() != 2 || !values.is_floating_point())
    fail_argument(text(name, " as a floating-point matrix [N, D]"), described(values));
  at::Tensor matrix = values.detach().to(at::kCPU, at::kFloat).contiguous();
  check_finite(matrix, name);
  return matrix;
}

at::Tensor class_vector(const at::Tensor& values, int64_t count, int64_t classes,
                        std::string_view name) {
  if (classes < 1) fail_argument("at least one class", classes);
  if (!values.defined() || values.dim() != 1 || values.size(0) != count ||
      values.scalar_type() != at::kLong)
    fail_argument(text(name, " as Long [", count, "]"), described(values));
  at::Tensor vector = values.to(at::kCPU).contiguous();
  if (count == 0) return vector;
  const int64_t low = vector.min().item<int64_t>(), high = vector.max().item<int64_t>();
  if (low < 0 || high >= classes)
    fail_argument(text(name, " in 0 ... ", classes - 1), low < 0 ? low : high);
  return vector;
}

}  // namespace submask
