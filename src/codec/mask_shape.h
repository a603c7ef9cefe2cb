// How the weights of a mask unit lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace submask {

// [outputs, inputs, kernel], row-major; kernel positions lie in rows of `kernel_width`. A matrix
// has kernels of one weight, a vector one input as well. All are at least 1.
struct MaskShape {
  int64_t outputs = 1, inputs = 1, kernel = 1, kernel_width = 1;

  int64_t count() const { return outputs * inputs * kernel; }
};

// Of weights of these sizes, one or more.
inline MaskShape mask_shape(std::span<const int64_t> sizes) {
  MaskShape shape;
  shape.outputs = sizes[0];
  if (sizes.size() > 1) shape.inputs = sizes[1];
  for (size_t i = 2; i < sizes.size(); ++i) shape.kernel *= sizes[i];
  if (sizes.size() > 2) shape.kernel_width = sizes.back();
  return shape;
}

}  // namespace submask
