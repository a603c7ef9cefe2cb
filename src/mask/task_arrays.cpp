#include "mask/task_arrays.h"

#include <ATen/ATen.h>

#include "backbone/head_tensors.h"
#include "base/names.h"
#include "weights/safetensors_tensors.h"

namespace submask {

Array array_of(const at::Tensor& tensor, at::ScalarType type) {
  const at::Tensor values = tensor.detach().to(at::kCPU, type).contiguous();
  const SafetensorsEntry entry = tensor_entry("values", values);
  return {value_named<Dtype>(entry.dtype, "a dtype of arrays"),
          entry.shape,
          {entry.data.begin(), entry.data.end()}};
}

at::Tensor tensor_of(const Array& array) {
  return entry_tensor({"values", name_of(array.dtype), array.shape, array.bytes}, nullptr).clone();
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
  return {static_cast<const TaskMasks&>(task), arrays_of(task.statistics),
          arrays_of(head_tensors(task.head))};
}

Task task_of(UnpackedTask arrays) {
  const std::optional<Head> head = head_from_tensors(tensors_of(arrays.head));
  TensorMap statistics = tensors_of(arrays.statistics);
  return {std::move(static_cast<TaskMasks&>(arrays)), std::move(statistics), head};
}

}  // namespace submask
