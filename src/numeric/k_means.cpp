#include "numeric/k_means.h"

#include <algorithm>

#include <ATen/ATen.h>

namespace submask {
namespace {

// The row that a number in [0, 1) falls on when the rows divide that interval in proportion to
// their weights.
int64_t draw_row(const at::Tensor& weights, double share) {
  const double* values = weights.const_data_ptr<double>();
  double rest = share * weights.sum().item<double>();
  int64_t last = 0;
  for (int64_t i = 0; i < weights.numel(); ++i) {
    if (!(values[i] > 0)) continue;
    last = i;
    if ((rest -= values[i]) < 0) break;
  }
  return last;
}

at::Tensor squared_distances(const at::Tensor& rows, const at::Tensor& centre) {
  return (rows - centre).square().sum(1);
}

}  // namespace

at::Tensor seed_centres(const at::Tensor& rows, int64_t count, Random& random) {
  const auto first = static_cast<int64_t>(random.below(static_cast<uint64_t>(rows.size(0))));
  std::vector<int64_t> chosen{first};
  at::Tensor nearest = squared_distances(rows, rows[first]);
  while (std::ssize(chosen) < count && nearest.max().item<double>() > 0) {
    chosen.push_back(draw_row(nearest, random.uniform()));
    nearest = at::minimum(nearest, squared_distances(rows, rows[chosen.back()]));
  }
  return rows.index_select(0, at::tensor(chosen, at::kLong));
}

at::Tensor nearest_centre(const at::Tensor& rows, const at::Tensor& centres) {
  // |x - c|^2 without |x|^2, which all centres share.
  return at::addmm(centres.square().sum(1), rows, centres.t(), 1, -2).argmin(1);
}

at::Tensor lloyd_iterations(const at::Tensor& rows, at::Tensor centres, int64_t max_iterations) {
  at::Tensor labels = nearest_centre(rows, centres);
  for (int64_t i = 0; i < max_iterations; ++i) {
    const at::Tensor members = at::one_hot(labels, centres.size(0)).to(at::kDouble).t();
    const at::Tensor counts = members.sum(1, /*keepdim=*/true);
    centres = at::where(counts > 0, at::mm(members, rows) / counts.clamp_min(1), centres);
    const at::Tensor moved = nearest_centre(rows, centres);
    if (at::equal(moved, labels)) break;
    labels = moved;
  }
  return centres;
}

}  // namespace submask
