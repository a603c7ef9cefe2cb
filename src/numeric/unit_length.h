// Rows of length one, whose products are cosines.
#pragma once

#include <ATen/core/Tensor.h>

namespace submask {

// Divides each row of float32 [N, D] (contiguous, on the CPU) by its norm. A row of zeros stays
// zero and has cosine 0 with every other. Norms are float64, where no finite float32 row overflows.
at::Tensor unit_length(const at::Tensor& rows);

}  // namespace submask
