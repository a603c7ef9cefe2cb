#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <submask/evaluate.h>
#include <submask/head.h>

#include "base/fail.h"
#include "numeric/feature_matrix.h"

namespace submask {
namespace {

// The logarithms of the votes, as logits: their softmax is the shares of the votes.
at::Tensor bank_scores(const TensorMap& head, const at::Tensor& features) {
  const at::Tensor& votes = head.at("bank_votes");
  const Features bank{head.at("bank"), head.at("bank_labels").to(at::kLong), {}};
  const KnnOptions options{votes[0].item<int64_t>(), votes[1].item<double>()};
  return knn_scores(bank, features, head_size(head).classes, options).clamp_min(1e-30).log();
}

}  // namespace

at::Tensor head_scores(const TensorMap& head, const at::Tensor& features) {
  const at::NoGradGuard no_grad;
  return is_bank(head) ? bank_scores(head, features)
                       : head_logits(head, feature_matrix(features, "features"));
}

TensorMap bank_head(const at::Tensor& features, const at::Tensor& labels, int64_t classes,
                    const KnnOptions& options) {
  const at::Tensor values = feature_matrix(features, "bank features");
  TensorMap head = {
      {"bank", values},
      {"bank_labels", class_vector(labels, values.size(0), classes, "bank labels").to(at::kFloat)},
      {"bank_votes", at::tensor({static_cast<double>(options.k), options.temperature,
                                 static_cast<double>(classes)})
                         .to(at::kFloat)}};
  if (!is_bank(head))
    fail_argument("a bank of at least one feature, k of at least 1, a temperature above 0",
                  text(values.size(0), " features, k ", options.k, ", T ", options.temperature));
  return head;
}

}  // namespace submask
