// A linear map of features, as principal components give it.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace submask {

// x -> (components (x - mean)) * scale
struct Projection {
  at::Tensor mean;        // [D]
  at::Tensor components;  // [d, D], rows of length 1, orthogonal
  at::Tensor scale;       // [d]

  int64_t width() const { return components.size(0); }
  at::Tensor apply(const at::Tensor& rows) const;  // [N, D] -> [N, d], CPU, the projection's dtype
};

}  // namespace submask
