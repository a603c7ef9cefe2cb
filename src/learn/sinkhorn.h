// Balanced assignments by Sinkhorn-Knopp (SwAV, section 3.1; Cuturi 2013).
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace submask {

// scores: [B, K] of B samples to K prototypes, float32 or float64. Returns Q [B, K] of the same
// type: rows that sum to 1, columns that after `iterations` nearly sum to B / K. The same as
// normalising exp(scores / epsilon) by prototype, then by sample, again and again; in logarithms,
// so that no epsilon makes it overflow or divide by zero.
at::Tensor sinkhorn(const at::Tensor& scores, double epsilon, int64_t iterations);

}  // namespace submask
