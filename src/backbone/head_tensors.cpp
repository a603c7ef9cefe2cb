#include "backbone/head_tensors.h"

#include <ATen/ATen.h>

namespace submask {
namespace {

TensorMap tensors_of(const LinearHead& head) {
  return {{"weight", head.weight}, {"bias", head.bias}};
}

TensorMap tensors_of(const CosineHead& head) { return {{"cosine", head.weight}}; }

TensorMap tensors_of(const BankHead& bank) {
  const at::Tensor votes = at::tensor(
      {static_cast<double>(bank.knn.k), bank.knn.temperature, static_cast<double>(bank.classes)});
  return {{"bank", bank.features}, {"bank_labels", bank.labels}, {"bank_votes", votes}};
}

Head transformed(const LinearHead& head, const auto& change) {
  return LinearHead{change(head.weight), change(head.bias)};
}

Head transformed(const CosineHead& head, const auto& change) {
  return CosineHead{change(head.weight)};
}

Head transformed(const BankHead& bank, const auto& change) {
  return BankHead{change(bank.features), change(bank.labels), bank.classes, bank.knn};
}

}  // namespace

TensorMap head_tensors(const std::optional<Head>& head) {
  if (!head) return {};
  TensorMap tensors = std::visit([](const auto& form) { return tensors_of(form); }, *head);
  for (auto& [name, tensor] : tensors) tensor = tensor.to(at::kFloat);
  return tensors;
}

std::optional<Head> head_from_tensors(const TensorMap& tensors) {
  if (tensors.empty()) return std::nullopt;
  if (tensors.contains("weight")) return LinearHead{tensors.at("weight"), tensors.at("bias")};
  if (tensors.contains("cosine")) return CosineHead{tensors.at("cosine")};
  const at::Tensor& votes = tensors.at("bank_votes");
  return BankHead{tensors.at("bank"), tensors.at("bank_labels").to(at::kLong),
                  votes[2].item<int64_t>(),
                  KnnOptions{votes[0].item<int64_t>(), votes[1].item<double>()}};
}

Head transform_head(const Head& head, const std::function<at::Tensor(const at::Tensor&)>& change) {
  return std::visit([&](const auto& form) { return transformed(form, change); }, head);
}

}  // namespace submask
