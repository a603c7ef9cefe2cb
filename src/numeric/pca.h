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
// rows. There are fewer components where the rows hardly vary in other directions: variation of
// less than 1e-5 of the rows' Frobenius norm is rounding. Rows that are all equal give one
// coordinate that is always 0. The largest entry of a component by magnitude (the first of equals)
// is positive. Throws invalid_argument for features that are not finite.
Projection fit_pca(const at::Tensor& rows, int64_t width, PcaScale scale);

// The projection of a cascade's view: float32, with PcaScale::singular_value.
Projection fit_view(const at::Tensor& rows, int64_t width);

}  // namespace submask
