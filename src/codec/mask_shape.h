// How the weights of a mask unit are ordered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace submask {

// [outputs, inputs, kernel], row-major. The positions of a kernel form rows of `kernel_width`. A
// matrix has kernels of one weight; a vector also has one input. All numbers are at least 1.
struct MaskShape {
  int64_t outputs = 1, inputs = 1, kernel = 1, kernel_width = 1;

  int64_t count() const { return outputs * inputs * kernel; }
};

// The shape of a tensor with these sizes, of which there must be at least one.
inline MaskShape mask_shape(std::span<const int64_t> sizes) {
  MaskShape shape;
  shape.outputs = sizes[0];
  if (sizes.size() > 1) shape.inputs = sizes[1];
  for (size_t i = 2; i < sizes.size(); ++i) shape.kernel *= sizes[i];
  if (sizes.size() > 2) shape.kernel_width = sizes.back();
  return shape;
}

}  // namespace submask
