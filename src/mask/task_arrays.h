// Converts tasks of tensors to tasks of plain arrays (taskfile/pack.h) and back. All results are
// copies, and all tensors that are returned are on the CPU.
#pragma once

#include <ATen/core/Tensor.h>

#include <submask/task.h>

#include "taskfile/pack.h"

namespace submask {

// Converts the values to `type`. Throws invalid_argument for a dtype that arrays cannot have.
Array array_of(const at::Tensor& tensor, at::ScalarType type = at::kFloat);
at::Tensor tensor_of(const Array& array);  // keeps the dtype

ArrayMap arrays_of(const TensorMap& tensors);  // of float32
TensorMap tensors_of(const ArrayMap& arrays);

UnpackedTask arrays_of(const Task& task);
Task task_of(UnpackedTask arrays);

}  // namespace submask
