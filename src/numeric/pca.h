// Principal components of features.
#pragma once

#include <cstdint>

#include "numeric/projection.h"

namespace submask {

enum class PcaScale {
  standard_deviation,  // whitened: each coordinate has variance 1 (over n - 1)
  singular_value,      // each coordinate has length 1 over the rows
};

// The first `width` principal components of rows [N, D], as a float64 projection that centres the
// rows. Directions in which the rows hardly vary (by less than 1e-5 of their Frobenius norm: that
// is rounding) are left out, so there may be fewer; rows that are all one leave one coordinate that
// is always 0. A component's largest entry by magnitude (the first of equals) is positive. Throws
// invalid_argument for features that are not finite.
Projection fit_pca(const at::Tensor& rows, int64_t width, PcaScale scale);

// As a cascade's view has it: float32, to length 1 a coordinate.
Projection fit_view(const at::Tensor& rows, int64_t width);

}  // namespace submask
