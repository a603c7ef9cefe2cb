// Do two quantities rise together? Spearman's rank correlation.
#pragma once

#include <cstdint>
#include <vector>

namespace submask {

struct RankCorrelation {
  int64_t n = 0;
  double rho = 0;  // NaN for fewer than 3 values or where all of one side are equal
  // 95 % by Fisher's z with the standard error of Bonett and Wright 2000, sqrt((1 + rho^2 / 2) /
  // (n - 3)). NaN for fewer than 4 values and where |rho| is 1, for which z has no bounds.
  double low = 0, high = 0;
};

// Equal values share the mean of their ranks. Both have the same length and no NaN.
RankCorrelation rank_correlation(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace submask
