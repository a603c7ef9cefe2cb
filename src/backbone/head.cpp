#include <ATen/ATen.h>

#include <submask/head.h>

#include "backbone/check_head.h"
#include "backbone/tensor_text.h"
#include "base/fail.h"
#include "taskfile/head_shape.h"

namespace submask {
namespace {

HeadShape shape_of(const LinearHead& head) {
  return {HeadShape::Form::linear, head.weight.sizes().vec(), head.bias.sizes().vec()};
}

HeadShape shape_of(const CosineHead& head) {
  return {HeadShape::Form::cosine, head.weight.sizes().vec(), {}};
}

HeadShape shape_of(const BankHead& bank) {
  if (bank.labels.scalar_type() != at::kLong)
    fail_argument("labels of a bank as Long", text(bank.labels.scalar_type()));
  HeadShape shape{HeadShape::Form::bank, bank.features.sizes().vec(), bank.labels.sizes().vec()};
  shape.k = bank.knn.k;
  shape.temperature = bank.knn.temperature;
  shape.bank_classes = bank.classes;
  if (bank.labels.numel() > 0) {
    shape.least_label = bank.labels.min().item<int64_t>();
    shape.largest_label = bank.labels.max().item<int64_t>();
  }
  return shape;
}

HeadShape checked_shape(const Head& head) {
  HeadShape shape = std::visit([](const auto& form) { return shape_of(form); }, head);
  if (const auto fault = shape.fault()) fail_argument(fault->expected, fault->got);
  return shape;
}

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

void check_head(const Head& head) { checked_shape(head); }

HeadSize head_size(const Head& head) {
  const HeadShape shape = checked_shape(head);
  return {shape.classes(), shape.width()};
}

at::Tensor head_logits(const Head& head, const at::Tensor& features) {
  const int64_t width = head_size(head).width;
  if (features.dim() != 2 || features.size(1) != width)
    fail_argument(text("features [N,", width, "] for a head"),
                  text("[", shape_text(features.sizes()), "]"));
  return std::visit([&](const auto& form) { return logits_of(form, features); }, head);
}

}  // namespace submask
