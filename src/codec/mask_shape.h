// How the weights of a mask unit lie.
#pragma once

#include <cstdint>

namespace submask {

// [outputs, inputs, kernel], row-major; kernel positions lie in rows of `kernel_width`. A matrix
// has kernels of one weight, a vector one input as well. All are at least 1.
struct MaskShape {
  int64_t outputs = 1, inputs = 1, kernel = 1, kernel_width = 1;

  int64_t count() const { return outputs * inputs * kernel; }
};

}  // namespace submask
