#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <submask/evaluate.h>

#include "base/fail.h"
#include "evaluate/feature_matrix.h"

namespace submask {
namespace {

at::Tensor head_tensor(const TensorMap& head, const std::string& name, int64_t dimensions) {
  const auto found = head.find(name);
  if (found == head.end()) fail_argument(text("a head with '", name, "'"), "one without");
  if (found->second.dim() != dimensions)
    fail_argument(text("a head's '", name, "' of ", dimensions, " dimensions"),
                  found->second.sizes());
  return found->second.detach().to(at::kCPU, at::kFloat);
}

}  // namespace

at::Tensor head_scores(const TensorMap& head, const at::Tensor& features) {
  const at::NoGradGuard no_grad;
  const at::Tensor matrix = feature_matrix(features, "features");
  const at::Tensor weight = head_tensor(head, "weight", 2);
  const at::Tensor bias = head_tensor(head, "bias", 1);
  if (weight.size(1) != matrix.size(1) || bias.size(0) != weight.size(0))
    fail_argument(text("a head for features of width ", matrix.size(1)),
                  text("weight ", weight.sizes(), ", bias ", bias.sizes()));
  return at::linear(matrix, weight, bias);
}

}  // namespace submask
