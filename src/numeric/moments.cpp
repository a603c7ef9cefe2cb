#include "numeric/moments.h"

#include <cmath>
#include <limits>

namespace submask {

Moments moments(const std::vector<double>& values) {
  Moments found{0, 0, 0};
  double squares = 0;  // Welford's sum, which does not cancel
  for (const double value : values) {
    if (std::isnan(value)) continue;
    ++found.n;
    const double before = value - found.mean;
    found.mean += before / static_cast<double>(found.n);
    squares += before * (value - found.mean);
  }
  if (found.n == 0) found.mean = std::numeric_limits<double>::quiet_NaN();
  if (found.n > 1) found.deviation = std::sqrt(squares / static_cast<double>(found.n - 1));
  return found;
}

}  // namespace submask
