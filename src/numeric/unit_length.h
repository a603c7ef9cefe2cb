// Rows of length one, whose products are cosines.
#pragma once

#include <ATen/core/Tensor.h>

namespace submask {

// float32 [N, D], contiguous, on the CPU -> the same shape. A row of zeros stays zero and is at
// cosine 0 to everything. Norms are taken in float64, where no finite float32 row overflows.
at::Tensor unit_length(const at::Tensor& rows);

}  // namespace submask
