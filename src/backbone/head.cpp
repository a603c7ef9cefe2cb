#include <cmath>

#include <ATen/ATen.h>

#include <submask/head.h>

#include "backbone/head_fault.h"
#include "backbone/tensor_text.h"
#include "base/fail.h"

namespace submask {
namespace {

std::string shape_of(const char* name, const at::Tensor& tensor) {
  return text(name, " [", shape_text(tensor.sizes()), "]");
}

std::optional<HeadFault> fault_of(const LinearHead& head) {
  const at::Tensor &weight = head.weight, &bias = head.bias;
  if (weight.dim() == 2 && bias.dim() == 1 && bias.size(0) == weight.size(0)) return std::nullopt;
  return HeadFault{"a linear head of weight [C,D] and bias [C]",
                   shape_of("weight", weight) + " and " + shape_of("bias", bias)};
}

std::optional<HeadFault> fault_of(const CosineHead& head) {
  if (head.weight.dim() == 2) return std::nullopt;
  return HeadFault{"a cosine head of shape [C,D]", text("[", shape_text(head.weight.sizes()), "]")};
}

std::optional<HeadFault> fault_of_votes(const BankHead& bank) {
  constexpr int64_t bound = 1 << 24;  // float32 holds all whole numbers below it
  const auto& [k, temperature] = bank.knn;
  const auto stored = static_cast<float>(temperature);  // as files store it
  if (k >= 1 && k < bound && bank.classes < bound && std::isfinite(stored) && stored > 0)
    return std::nullopt;
  return HeadFault{"a bank with k of at least 1, T above 0, k and classes below 2^24",
                   text("k ", k, ", T ", temperature, ", ", bank.classes, " classes")};
}

std::optional<HeadFault> fault_of(const BankHead& bank) {
  const at::Tensor &features = bank.features, &labels = bank.labels;
  if (features.dim() != 2 || features.size(0) == 0 || labels.dim() != 1 ||
      labels.size(0) != features.size(0))
    return HeadFault{"a bank of features [M,D] and labels [M], M at least 1",
                     shape_of("features", features) + " and " + shape_of("labels", labels)};
  if (labels.scalar_type() != at::kLong)
    return HeadFault{"labels of a bank as Long", text(labels.scalar_type())};
  if (auto fault = fault_of_votes(bank)) return fault;
  const auto least = labels.min().item<int64_t>(), most = labels.max().item<int64_t>();
  if (least >= 0 && most < bank.classes) return std::nullopt;
  return HeadFault{text("a bank of labels in 0 ... ", bank.classes - 1),
                   text(least < 0 ? least : most)};
}

HeadSize size_of(const LinearHead& head) { return {head.weight.size(0), head.weight.size(1)}; }
HeadSize size_of(const CosineHead& head) { return {head.weight.size(0), head.weight.size(1)}; }
HeadSize size_of(const BankHead& bank) { return {bank.classes, bank.features.size(1)}; }

at::Tensor logits_of(const LinearHead& head, const at::Tensor& features) {
  return at::linear(features, head.weight.to(features.device()), head.bias.to(features.device()));
}

at::Tensor logits_of(const CosineHead& head, const at::Tensor& features) {
  return at::linear(features / features.norm(2, {1}, /*keepdim=*/true).clamp_min(1e-12),
                    head.weight.to(features.device()));
}

at::Tensor logits_of(const BankHead& /*bank*/, const at::Tensor& /*features*/) {
  fail_argument("a linear or cosine head", "a bank");
}

}  // namespace

std::optional<HeadFault> head_fault(const Head& head) {
  return std::visit([](const auto& form) { return fault_of(form); }, head);
}

void check_head(const Head& head) {
  if (const auto fault = head_fault(head)) fail_argument(fault->expected, fault->got);
}

HeadSize head_size(const Head& head) {
  check_head(head);
  return std::visit([](const auto& form) { return size_of(form); }, head);
}

at::Tensor head_logits(const Head& head, const at::Tensor& features) {
  const int64_t width = head_size(head).width;
  if (features.dim() != 2 || features.size(1) != width)
    fail_argument(text("features [N,", width, "] for a head"),
                  text("[", shape_text(features.sizes()), "]"));
  return std::visit([&](const auto& form) { return logits_of(form, features); }, head);
}

}  // namespace submask
