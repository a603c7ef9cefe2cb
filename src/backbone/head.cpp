#include <cmath>

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

bool whole_below(const at::Tensor& values, double bound) {
  return ((values >= 0) & (values < bound) & (values == values.floor())).all().item<bool>();
}

}  // namespace

bool is_bank(const TensorMap& head) {
  if (head.size() != 3 || !head.contains("bank") || !head.contains("bank_labels") ||
      !head.contains("bank_votes"))
    return false;
  const at::Tensor &bank = head.at("bank"), &labels = head.at("bank_labels"),
                   &votes = head.at("bank_votes");
  if (bank.dim() != 2 || bank.size(0) == 0 || labels.dim() != 1 || votes.dim() != 1 ||
      labels.size(0) != bank.size(0) || votes.size(0) != 3)
    return false;
  constexpr double largest = 1 << 24;  // the whole numbers float32 tells apart
  const auto temperature = votes[1].item<double>(), classes = votes[2].item<double>();
  return whole_below(votes[0], largest) && votes[0].item<double>() >= 1 &&
         whole_below(votes[2], largest) && std::isfinite(temperature) && temperature > 0 &&
         whole_below(labels, classes);
}

bool is_head(const TensorMap& tensors) {
  return is_linear(tensors) || is_cosine(tensors) || is_bank(tensors);
}

HeadSize head_size(const TensorMap& head) {
  if (is_bank(head)) return {head.at("bank_votes")[2].item<int64_t>(), head.at("bank").size(1)};
  const at::Tensor& matrix = head_matrix(head);
  return {matrix.size(0), matrix.size(1)};
}

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
