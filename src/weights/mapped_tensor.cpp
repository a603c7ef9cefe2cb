#include "weights/mapped_tensor.h"

#include <cassert>
#include <cstring>

#include <torch/types.h>

namespace submask {

bool must_copy(Bytes bytes, at::ScalarType dtype) {
  return dtype == at::kBool ||
         reinterpret_cast<uintptr_t>(bytes.data()) % c10::elementSize(dtype) != 0;
}

at::Tensor tensor_over(Bytes bytes, at::ScalarType dtype, const std::vector<int64_t>& shape,
                       const std::shared_ptr<const MappedFile>& owner) {
  assert(bytes.size() == c10::multiply_integers(shape) * c10::elementSize(dtype));
  if (bytes.empty() || must_copy(bytes, dtype)) {
    at::Tensor copy = at::empty(shape, at::dtype(dtype == at::kBool ? at::kByte : dtype));
    if (!bytes.empty()) std::memcpy(copy.mutable_data_ptr(), bytes.data(), bytes.size());
    return dtype == at::kBool ? copy.ne(0) : copy;
  }
  // LibTorch has no tensors of const data.
  void* data = const_cast<uint8_t*>(bytes.data());
  return at::from_blob(
      data, shape, [owner](void*) {}, at::dtype(dtype));
}

}  // namespace submask
