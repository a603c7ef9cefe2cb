// k-means in float64: k-means++ seeds (Arthur and Vassilvitskii 2007), then Lloyd's iterations.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include "base/random.h"

namespace submask {

// Draws `count` of the rows (float64 [N, d], N >= 1) one after another. The chance of a row is in
// proportion to its squared distance from the nearest row that was drawn before. Returns fewer rows
// where fewer are different.
at::Tensor seed_centres(const at::Tensor& rows, int64_t count, Random& random);

// int64 [N]: for each row the number of the nearest of the centres [K, d], the lowest of equals.
at::Tensor nearest_centre(const at::Tensor& rows, const at::Tensor& centres);

// Moves the centres until no row changes its centre, or for `max_iterations`. A centre that loses
// all of its rows stays where it is.
at::Tensor lloyd_iterations(const at::Tensor& rows, at::Tensor centres,
                            int64_t max_iterations = 300);

}  // namespace submask
