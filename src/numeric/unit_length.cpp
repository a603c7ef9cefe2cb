#include "numeric/unit_length.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include "base/vectorised.h"

namespace submask {
namespace {

SUBMASK_VECTORISED double sum_of_squares(const float* row, int64_t width) {
  constexpr int64_t lanes = 16;
  std::array<double, lanes> sums{};
  int64_t i = 0;
  for (; i + lanes <= width; i += lanes)
    for (int64_t lane = 0; lane < lanes; ++lane) {
      const double value = row[i + lane];
      sums[lane] += value * value;
    }
  double total = 0;
  for (const double sum : sums) total += sum;
  for (; i < width; ++i) total += static_cast<double>(row[i]) * row[i];
  return total;
}

SUBMASK_VECTORISED void scale_row(const float* __restrict row, double factor, int64_t width,
                                  float* __restrict out) {
  for (int64_t i = 0; i < width; ++i) out[i] = static_cast<float>(row[i] * factor);
}

}  // namespace

at::Tensor unit_length(const at::Tensor& rows) {
  constexpr double shortest = 1e-300;
  constexpr int64_t elements_a_thread = 32768;
  at::Tensor result = at::empty_like(rows);
  const int64_t width = rows.size(1);
  const float* in = rows.const_data_ptr<float>();
  float* out = result.mutable_data_ptr<float>();
  const int64_t grain = std::max<int64_t>(1, elements_a_thread / std::max<int64_t>(1, width));
  at::parallel_for(0, rows.size(0), grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const double norm = std::sqrt(sum_of_squares(in + row * width, width));
      scale_row(in + row * width, 1 / std::max(norm, shortest), width, out + row * width);
    }
  });
  return result;
}

}  // namespace submask
