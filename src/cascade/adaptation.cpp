#include "cascade/adaptation.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <submask/head.h>

#include "backbone/network.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/file_in_errors.h"

namespace submask {

// All members of a cascade share the dispatcher's backbone and preprocessing.
const TaskDescription& Adaptation::description() const {
  if (cascade() != nullptr) return cascade()->dispatcher;
  return std::get<PackedTask>(content);
}

std::optional<Head> Adaptation::head() const {
  return cascade() != nullptr ? cascade()->view(mode).head
                              : packed_head(std::get<PackedTask>(content));
}

const std::vector<std::string>& Adaptation::classes() const {
  return cascade() != nullptr ? cascade()->classes : std::get<PackedTask>(content).classes;
}

const std::string& Adaptation::provenance() const {
  return cascade() != nullptr ? cascade()->provenance : std::get<PackedTask>(content).provenance;
}

double Adaptation::masked_fraction() const {
  return cascade() != nullptr ? submask::masked_fraction(*cascade())
                              : std::get<PackedTask>(content).masked_fraction();
}

Adaptation read_adaptation(const std::string& path, CascadeMode mode) {
  const std::string content = read_text_file(path);
  const Bytes bytes = as_bytes(content);
  if (is_cascade(bytes, path)) return {path, parse_cascade(bytes, path), mode};
  return {path, parse_packed_task(bytes, path), mode};
}

double masked_fraction(const Cascade& cascade) {
  double off =
      cascade.dispatcher.masked_fraction() * static_cast<double>(cascade.dispatcher.weights());
  double weights = static_cast<double>(cascade.dispatcher.weights());
  for (const PackedTask& expert : cascade.experts) {
    off += expert.masked_fraction() * static_cast<double>(expert.weights());
    weights += static_cast<double>(expert.weights());
  }
  return weights > 0 ? off / weights : 0;
}

AdaptedNetwork::AdaptedNetwork(Backbone& backbone) : backbone_(backbone), head_(backbone.head()) {}

void AdaptedNetwork::select(const Adaptation& adaptation) {
  const Cascade* cascade = adaptation.cascade();
  if (cascade == nullptr) return select(read_task(adaptation.path, backbone_));
  auto predictor = with_file_in_errors(ErrorKind::invalid_argument, adaptation.path, [&] {
    return std::make_unique<CascadePredictor>(backbone_, *cascade, adaptation.mode);
  });
  clear();
  cascade_ = std::move(predictor);
}

void AdaptedNetwork::select(const Task& task) {
  check_task_fits(task, backbone_);
  apply_task(task, backbone_, weights_);
  clear();
  binding_.emplace(backbone_, weights_);
  head_ = task.head;
}

void AdaptedNetwork::clear() {
  cascade_.reset();
  binding_.reset();
  head_ = backbone_.head();
}

const std::optional<Head>& AdaptedNetwork::head() const {
  return cascade_ ? cascade_->view().head : head_;
}

at::Tensor AdaptedNetwork::features(const at::Tensor& images) {
  if (cascade_) return cascade_->features(images);
  const at::NoGradGuard no_grad;
  network_of(backbone_).eval();
  return backbone_.features(images);
}

at::Tensor AdaptedNetwork::logits(const at::Tensor& images) {
  if (cascade_) return cascade_->logits(images);
  if (!head_)
    fail_argument("a head: one in the task file, or a classifier in the weight file", "none");
  const at::NoGradGuard no_grad;
  return std::holds_alternative<BankHead>(*head_) ? head_scores(*head_, features(images))
                                                  : head_logits(*head_, features(images));
}

Features AdaptedNetwork::extract(const std::shared_ptr<const Dataset>& dataset,
                                 const Transform& transform, const LoaderOptions& loader,
                                 const std::function<void(int64_t, int64_t)>& progress) {
  return cascade_ ? extract_features(*cascade_, dataset, transform, loader, progress)
                  : extract_features(backbone_, dataset, transform, loader, progress);
}

}  // namespace submask
