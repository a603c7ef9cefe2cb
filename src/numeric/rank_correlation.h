// Do two quantities rise together? Spearman's rank correlation.
#pragma once

#include <cstdint>
#include <vector>

namespace submask {

struct RankCorrelation {
  int64_t n = 0;
  double rho = 0;  // NaN for fewer than 3 values, and where all values of x or of y are equal
  // The 95 % interval by Fisher's z, with the standard error of Bonett and Wright 2000, sqrt((1 +
  // rho^2 / 2) / (n - 3)). NaN for fewer than 4 values, and where |rho| is 1 and z is infinite.
  double low = 0, high = 0;
};

// x and y have the same length and no NaN. Equal values share the mean of their ranks.
RankCorrelation rank_correlation(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace submask
