#include <ATen/ATen.h>

#include <submask/head.h>

#include "backbone/tensor_text.h"
#include "base/fail.h"

namespace submask {
namespace {

std::string described(const TensorMap& head) {
  std::string names;
  for (const auto& [name, tensor] : head)
    names += text(names.empty() ? "" : ", ", name, " [", shape_text(tensor.sizes()), "]");
  return names.empty() ? "none" : names;
}

bool is_linear(const TensorMap& head) {
  return head.size() == 2 && head.contains("weight") && head.contains("bias") &&
         head.at("weight").dim() == 2 && head.at("bias").dim() == 1 &&
         head.at("bias").size(0) == head.at("weight").size(0);
}

bool is_cosine(const TensorMap& head) {
  return head.size() == 1 && head.contains("cosine") && head.at("cosine").dim() == 2;
}

}  // namespace

bool is_head(const TensorMap& tensors) { return is_linear(tensors) || is_cosine(tensors); }

const at::Tensor& head_matrix(const TensorMap& head) {
  if (is_linear(head)) return head.at("weight");
  if (!is_cosine(head))
    fail_argument("a head of weight [C, D] and bias [C], or of cosine [C, D]", described(head));
  return head.at("cosine");
}

at::Tensor head_logits(const TensorMap& head, const at::Tensor& features) {
  const at::Tensor matrix = head_matrix(head).to(features.device());
  if (features.dim() != 2 || features.size(1) != matrix.size(1))
    fail_argument(text("a head for features [", shape_text(features.sizes()), "]"),
                  described(head));
  if (is_linear(head)) return at::linear(features, matrix, head.at("bias").to(features.device()));
  return at::linear(features / features.norm(2, {1}, /*keepdim=*/true).clamp_min(1e-12), matrix);
}

}  // namespace submask
