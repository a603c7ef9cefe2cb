// By the eigenvectors of the scatter matrix in float64, which takes rows block by block.
#include "numeric/pca.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/fail.h"
#include "numeric/feature_matrix.h"

namespace submask {
namespace {

constexpr double smallest_variation = 1e-5;  // of the rows' Frobenius norm

struct Scatter {
  at::Tensor mean;     // float64 [D]
  at::Tensor matrix;   // float64 [D, D], sum of (x - mean)(x - mean)^T
  double squares = 0;  // sum of x^2 over all rows
};

Scatter scatter_of(const at::Tensor& rows) {
  const int64_t width = rows.size(1);
  Scatter scatter{at::zeros({width}, at::kDouble), at::zeros({width, width}, at::kDouble)};
  for_each_block(rows, [&](const at::Tensor& floats, int64_t) {
    const at::Tensor block = floats.to(at::kDouble);
    scatter.mean.add_(block.sum(0));
    scatter.squares += block.square().sum().item<double>();
  });
  scatter.mean.div_(static_cast<double>(rows.size(0)));
  for_each_block(rows, [&](const at::Tensor& block, int64_t) {
    const at::Tensor centred = block.to(at::kDouble) - scatter.mean;
    scatter.matrix.addmm_(centred.t(), centred);
  });
  return scatter;
}

void fix_signs(at::Tensor& components) {
  const at::Tensor largest = components.abs().argmax(1, /*keepdim=*/true);
  components.mul_(components.gather(1, largest).sign());
}

// One coordinate that is always 0, for rows that do not vary.
Projection zero_projection(const at::Tensor& mean) {
  at::Tensor component = at::zeros({1, mean.size(0)}, at::kDouble);
  component[0][0] = 1;
  return {mean, component, at::zeros({1}, at::kDouble)};
}

}  // namespace

Projection fit_pca(const at::Tensor& rows, int64_t width, PcaScale scale) {
  const at::NoGradGuard no_grad;
  const at::Tensor matrix = feature_matrix(rows, "features");
  if (matrix.size(0) == 0 || matrix.size(1) == 0)
    fail_argument("features of at least one image for PCA", matrix.sizes());
  if (width < 1) fail_argument("a PCA width of at least 1", width);
  const Scatter scatter = scatter_of(matrix);
  const auto [values, vectors] = at::linalg_eigh(scatter.matrix);  // ascending
  const at::Tensor singular = values.clamp_min(0).sqrt().flip(0);
  const double smallest = smallest_variation * std::sqrt(scatter.squares);
  const int64_t varied = (singular > smallest).sum().item<int64_t>();
  const int64_t kept = std::min(width, varied);
  if (kept == 0) return zero_projection(scatter.mean);
  Projection pca{scatter.mean, vectors.t().flip(0).narrow(0, 0, kept).contiguous(),
                 singular.narrow(0, 0, kept).reciprocal()};
  fix_signs(pca.components);
  if (scale == PcaScale::standard_deviation)
    pca.scale.mul_(std::sqrt(static_cast<double>(matrix.size(0) - 1)));
  return pca;
}

at::Tensor Projection::apply(const at::Tensor& rows) const {
  const at::NoGradGuard no_grad;
  const at::Tensor matrix = feature_matrix(rows, "features");
  if (matrix.size(1) != mean.size(0))
    fail_argument(text("features of width ", mean.size(0)), matrix.size(1));
  at::Tensor projected = at::empty({matrix.size(0), width()}, components.options());
  for_each_block(matrix, [&](const at::Tensor& block, int64_t first) {
    const at::Tensor centred = block.to(components.scalar_type()) - mean;
    projected.narrow(0, first, block.size(0)).copy_(at::mm(centred, components.t()).mul_(scale));
  });
  return projected;
}

Projection fit_view(const at::Tensor& rows, int64_t width) {
  const Projection fitted = fit_pca(rows, width, PcaScale::singular_value);
  return {fitted.mean.to(at::kFloat), fitted.components.to(at::kFloat),
          fitted.scale.to(at::kFloat)};
}

}  // namespace submask
