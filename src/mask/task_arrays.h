// Tasks of tensors as tasks of plain arrays (taskfile/pack.h), and back.
#pragma once

#include <ATen/core/Tensor.h>

#include <submask/task.h>

#include "taskfile/pack.h"

namespace submask {

// A copy of the tensor's values in this dtype. Throws invalid_argument for a dtype that arrays
// lack.
Array array_of(const at::Tensor& tensor, at::ScalarType type = at::kFloat);
at::Tensor tensor_of(const Array& array);

ArrayMap arrays_of(const TensorMap& tensors);
TensorMap tensors_of(const ArrayMap& arrays);

UnpackedTask arrays_of(const Task& task);
Task task_of(UnpackedTask arrays);

}  // namespace submask
