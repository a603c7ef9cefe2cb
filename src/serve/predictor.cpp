#include <ATen/ATen.h>

#include <submask/head.h>
#include <submask/predictor.h>

#include "backbone/network.h"
#include "base/fail.h"

namespace submask {

Predictor::Predictor(Backbone& backbone) : backbone_(backbone), head_(backbone.head()) {}

Predictor::~Predictor() = default;

void Predictor::select(const Task& task) {
  check_task_fits(task, backbone_);
  apply_task(task, backbone_, weights_);
  binding_.reset();
  binding_.emplace(backbone_, weights_);
  head_ = task.head;
}

void Predictor::clear() {
  binding_.reset();
  head_ = backbone_.head();
}

at::Tensor Predictor::features(const at::Tensor& images) {
  const at::NoGradGuard no_grad;
  backbone_.network().eval();
  return backbone_.features(images);
}

at::Tensor Predictor::logits(const at::Tensor& images) {
  if (head_.empty())
    fail_argument("a head: one in the task file, or a classifier in the weight file", "none");
  const at::NoGradGuard no_grad;
  return is_bank(head_) ? head_scores(head_, features(images))
                        : head_logits(head_, features(images));
}

}  // namespace submask
