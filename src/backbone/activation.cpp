#include "backbone/activation.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/hardswish.h>
#include <ATen/ops/relu6.h>
#include <ATen/ops/sigmoid.h>

namespace submask {

at::Tensor activate(at::Tensor x, Activation activation) {
  switch (activation) {
    case Activation::relu:
      return x.relu_();
    case Activation::relu6:
      return at::relu6_(x);
    case Activation::hard_swish:
      // The gradient of hard swish needs its input, which autograd would copy before a change in
      // place.
      return x.requires_grad() ? at::hardswish(x) : at::hardswish_(x);
    case Activation::gelu:
      return at::gelu(x);
    case Activation::quick_gelu:
      return x * at::sigmoid(1.702 * x);
  }
  return {};
}

}  // namespace submask
