#include <optional>

#include <ATen/ATen.h>

#include <submask/predictor.h>

#include "backbone/network.h"
#include "base/fail.h"
#include "mask/weight_set.h"

namespace submask {

struct Predictor::Bound {
  WeightSet weights;  // reused from task to task
  std::optional<WeightBinding> binding;
  std::optional<Head> head;
};

Predictor::Predictor(Backbone& backbone) : backbone_(backbone), bound_(std::make_unique<Bound>()) {
  bound_->head = backbone.head();
}

Predictor::~Predictor() = default;

void Predictor::select(const Task& task) {
  check_task_fits(task, backbone_);
  apply_task(task, backbone_, bound_->weights);
  bound_->binding.reset();
  bound_->binding.emplace(backbone_, bound_->weights);
  bound_->head = task.head;
}

void Predictor::clear() {
  bound_->binding.reset();
  bound_->head = backbone_.head();
}

const std::optional<Head>& Predictor::head() const { return bound_->head; }

at::Tensor Predictor::features(const at::Tensor& images) {
  const at::NoGradGuard no_grad;
  backbone_.network().eval();
  return backbone_.features(images);
}

at::Tensor Predictor::logits(const at::Tensor& images) {
  const std::optional<Head>& head = bound_->head;
  if (!head)
    fail_argument("a head: one in the task file, or a classifier in the weight file", "none");
  const at::NoGradGuard no_grad;
  return std::holds_alternative<BankHead>(*head) ? head_scores(*head, features(images))
                                                 : head_logits(*head, features(images));
}

}  // namespace submask
