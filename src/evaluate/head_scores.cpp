#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <submask/evaluate.h>
#include <submask/head.h>

#include "backbone/check_head.h"
#include "numeric/feature_matrix.h"

namespace submask {

at::Tensor head_scores(const Head& head, const at::Tensor& features) {
  const at::NoGradGuard no_grad;
  const auto* bank = std::get_if<BankHead>(&head);
  if (bank == nullptr) return head_logits(head, feature_matrix(features, "features"));
  check_head(head);
  return knn_scores({bank->features, bank->labels, {}}, features, bank->classes, bank->knn)
      .clamp_min(1e-30)
      .log();
}

BankHead bank_head(const Features& labelled, int64_t classes, const KnnOptions& options) {
  const at::Tensor features = feature_matrix(labelled.values, "bank features");
  const at::Tensor labels = class_vector(labelled.labels, features.size(0), classes, "bank labels");
  const double temperature = static_cast<float>(options.temperature);
  BankHead bank{features, labels, classes, {options.k, temperature}};
  check_head(bank);
  return bank;
}

}  // namespace submask
