#include <ATen/core/grad_mode.h>

#include <submask/evaluate.h>
#include <submask/head.h>

#include "evaluate/feature_matrix.h"

namespace submask {

at::Tensor head_scores(const TensorMap& head, const at::Tensor& features) {
  const at::NoGradGuard no_grad;
  return head_logits(head, feature_matrix(features, "features"));
}

}  // namespace submask
