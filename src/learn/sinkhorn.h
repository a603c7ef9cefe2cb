// Balanced assignments by Sinkhorn-Knopp (SwAV, section 3.1; Cuturi 2013).
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace submask {

// `scores` [B, K] of B samples and K prototypes are float32 or float64. Returns Q [B, K] of the
// same type, whose rows sum to 1 and whose columns nearly sum to B / K after the iterations. An
// iteration normalises exp(scores / epsilon) by prototype and then by sample. This is done with
// logarithms, so that it does not overflow or divide by zero for any epsilon.
at::Tensor sinkhorn(const at::Tensor& scores, double epsilon, int64_t iterations);

}  // namespace submask
