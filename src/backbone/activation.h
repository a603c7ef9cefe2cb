// The functions between the layers of networks.
#pragma once

#include <ATen/core/Tensor.h>

namespace submask {

// quick_gelu: x * sigmoid(1.702 x), which CLIP's first weights were trained with.
enum class Activation { relu, relu6, hard_swish, gelu, quick_gelu };

// `x` must be nobody else's: where no gradient is asked for, it may be overwritten.
at::Tensor activated(at::Tensor x, Activation activation);

}  // namespace submask
