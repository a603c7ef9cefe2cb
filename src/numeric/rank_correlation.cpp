#include "numeric/rank_correlation.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "numeric/moments.h"

namespace submask {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double normal_quantile = 1.959963984540054;  // of .975

std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double shared = (static_cast<double>(begin + end) + 1) / 2;
    for (size_t i = begin; i < end; ++i) ranks[order[i]] = shared;
  }
  return ranks;
}

double pearson(const std::vector<double>& x, const std::vector<double>& y) {
  const double mean_x = moments(x).mean, mean_y = moments(y).mean;
  double xy = 0, xx = 0, yy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
  }
  return xx > 0 && yy > 0 ? std::clamp(xy / std::sqrt(xx * yy), -1.0, 1.0) : nan;
}

}  // namespace

RankCorrelation rank_correlation(const std::vector<double>& x, const std::vector<double>& y) {
  assert(x.size() == y.size());
  RankCorrelation found{std::ssize(x), nan, nan, nan};
  if (found.n < 3) return found;
  found.rho = pearson(ranks(x), ranks(y));
  if (found.n < 4 || !(std::abs(found.rho) < 1)) return found;
  const double error =
      std::sqrt((1 + found.rho * found.rho / 2) / static_cast<double>(found.n - 3));
  found.low = std::tanh(std::atanh(found.rho) - normal_quantile * error);
  found.high = std::tanh(std::atanh(found.rho) + normal_quantile * error);
  return found;
}

}  // namespace submask
