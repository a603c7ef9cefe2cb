// The activation functions of networks.
#pragma once

#include <ATen/core/Tensor.h>

namespace submask {

// quick_gelu: x * sigmoid(1.702 x), which CLIP's first weights were trained with.
enum class Activation { relu, relu6, hard_swish, gelu, quick_gelu };

// May overwrite `x`, so the caller must not use it afterwards.
at::Tensor activate(at::Tensor x, Activation activation);

}  // namespace submask
