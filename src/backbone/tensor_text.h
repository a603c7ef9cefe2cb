// Shapes and types of tensors as text.
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include "base/fail.h"

namespace submask {

// "64,3,7,7"; "" for a scalar.
inline std::string shape_text(c10::IntArrayRef sizes) {
  std::string text;
  for (const int64_t size : sizes) text += (text.empty() ? "" : ",") + std::to_string(size);
  return text;
}

// "Float [64,3,7,7]".
inline std::string tensor_text(const at::Tensor& tensor) {
  return text(tensor.scalar_type(), " [", shape_text(tensor.sizes()), "]");
}

}  // namespace submask
