// The tensors of heads, all float32, by their names in files (taskfile/head_shape.h).
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <submask/head.h>
#include <submask/weight_file.h>

namespace submask {

// Empty without a head. Tensors that are float32 already share the head's memory.
TensorMap head_tensors(const std::optional<Head>& head);

// The head with these tensors, which are those of a head; not set where there are none.
std::optional<Head> head_from_tensors(const TensorMap& tensors);

// The head with the result of change(tensor) in place of each of its tensors.
Head transform_head(const Head& head, const std::function<at::Tensor(const at::Tensor&)>& change);

}  // namespace submask
