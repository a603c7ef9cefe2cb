// Tensors over the bytes of a mapped file, without copying where that is possible.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <ATen/core/Tensor.h>

#include "base/file.h"

namespace submask {

// True where tensor_over() has to copy: misaligned data, and booleans, which in C++ may only be 0
// and 1.
bool must_copy(Bytes bytes, at::ScalarType dtype);

// A contiguous CPU tensor of exactly these bytes. A tensor that shares them keeps `owner` alive,
// and must not be written to because the mapping is read-only.
at::Tensor tensor_over(Bytes bytes, at::ScalarType dtype, const std::vector<int64_t>& shape,
                       const std::shared_ptr<const MappedFile>& owner);

}  // namespace submask
