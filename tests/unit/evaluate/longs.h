// Labels and predictions as tensors.
#pragma once

#include <vector>

#include <ATen/ATen.h>

namespace submask {

inline at::Tensor longs(const std::vector<int64_t>& values) {
  return at::tensor(values, at::kLong);
}

}  // namespace submask
