// k-means in float64: k-means++ seeds (Arthur and Vassilvitskii 2007), then Lloyd's iterations.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include "base/random.h"

namespace submask {

// Rows drawn one after another, each with a chance in proportion to its squared distance from the
// nearest one drawn before. Fewer than `count` where there are fewer different rows. rows: float64
// [N, d], N >= 1.
at::Tensor seed_centres(const at::Tensor& rows, int64_t count, Random& random);

// int64 [N]: the nearest of centres [K, d] for each row; of equals the lowest.
at::Tensor nearest_centre(const at::Tensor& rows, const at::Tensor& centres);

// Until no row changes its centre, or `max_iterations`. A centre that loses all its rows stays.
at::Tensor lloyd_iterations(const at::Tensor& rows, at::Tensor centres,
                            int64_t max_iterations = 300);

}  // namespace submask
