// Means and deviations over seeds.
#pragma once

#include <cstdint>
#include <vector>

namespace submask {

struct Moments {
  int64_t n = 0;
  double mean = 0;       // NaN without values
  double deviation = 0;  // of a sample, divided by n - 1; 0 for fewer than two values
};

// The moments of those values that are not NaN.
Moments moments(const std::vector<double>& values);

}  // namespace submask
