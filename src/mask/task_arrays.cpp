#include "mask/task_arrays.h"

#include <array>
#include <cstring>

#include <ATen/ATen.h>

#include "backbone/head_tensors.h"
#include "base/fail.h"
#include "taskfile/array_bytes.h"

namespace submask {
namespace {

struct DtypePair {
  Dtype dtype;
  at::ScalarType type;
};

constexpr std::array dtypes{DtypePair{Dtype::f64, at::kDouble}, DtypePair{Dtype::i64, at::kLong},
                            DtypePair{Dtype::f32, at::kFloat},  DtypePair{Dtype::f16, at::kHalf},
                            DtypePair{Dtype::i8, at::kChar},    DtypePair{Dtype::u8, at::kByte}};

Dtype dtype_of(at::ScalarType type) {
  for (const DtypePair& pair : dtypes)
    if (pair.type == type) return pair.dtype;
  fail_argument("a dtype that task files hold", c10::toString(type));
}

at::ScalarType type_of(Dtype dtype) {
  for (const DtypePair& pair : dtypes)
    if (pair.dtype == dtype) return pair.type;
  fail_argument("a dtype of arrays", static_cast<int>(dtype));
}

}  // namespace

Array array_of(const at::Tensor& tensor, at::ScalarType type) {
  const at::Tensor values = tensor.detach().to(at::kCPU, type).contiguous();
  const auto* bytes = static_cast<const uint8_t*>(values.const_data_ptr());
  return {dtype_of(type), values.sizes().vec(), {bytes, bytes + values.nbytes()}};
}

at::Tensor tensor_of(const Array& array) {
  at::Tensor tensor = at::empty(array.shape, type_of(array.dtype));
  if (!array.bytes.empty()) std::memcpy(tensor.data_ptr(), array.bytes.data(), array.bytes.size());
  return tensor;
}

ArrayMap arrays_of(const TensorMap& tensors) {
  ArrayMap arrays;
  for (const auto& [name, tensor] : tensors) arrays[name] = array_of(tensor);
  return arrays;
}

TensorMap tensors_of(const ArrayMap& arrays) {
  TensorMap tensors;
  for (const auto& [name, array] : arrays) tensors[name] = tensor_of(array);
  return tensors;
}

UnpackedTask arrays_of(const Task& task) {
  return {task, arrays_of(task.statistics), arrays_of(head_tensors(task.head))};
}

Task task_of(UnpackedTask arrays) {
  const std::optional<Head> head = head_from_tensors(tensors_of(arrays.head));
  TensorMap statistics = tensors_of(arrays.statistics);
  return {std::move(static_cast<TaskMasks&>(arrays)), std::move(statistics), head};
}

}  // namespace submask
