// SwAV's loss (section 3 of the paper) over the crops of a batch, with its projection, prototypes
// and queue.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include <submask/self_supervised.h>

#include "learn/projection_head.h"

namespace submask {

struct SwavLoss {
  at::Tensor loss;  // scalar with autograd
  // Of the crops that assign, without autograd: for whoever watches.
  at::Tensor assignments;  // [A * N, K], rows sum to 1
  at::Tensor projections;  // [A * N, F], of length 1
};

class Swav {
 public:
  // `crops`: crops of an image, those of the first kind first, of which there are
  // `first_kind_crops`. Throws invalid_argument for settings that do not fit.
  Swav(const SwavSettings& settings, int64_t feature_width, int64_t crops, int64_t first_kind_crops,
       Random& random, at::TensorOptions options);

  // features: [crops * N, D], crop by crop. With the queue in use its projections are assigned
  // along, and it takes in this batch's; its place in the loss is that of its authors' code.
  SwavLoss loss(const at::Tensor& features, bool use_queue);

  std::vector<at::Tensor> projection_parameters() const { return projection_.parameters(); }
  const at::Tensor& prototypes() const { return prototypes_; }  // [K, F], a leaf
  const at::Tensor& queue() const { return queue_; }  // [A, L, F]; undefined without a queue
  bool queue_is_full() const { return queued_ >= settings_.queue_length; }

  // Statistics and queue; the parameters are their optimiser's.
  void save(TensorMap& state) const;
  void load(const TensorMap& state);

 private:
  at::Tensor assign(const at::Tensor& scores, size_t place);
  void enqueue(const at::Tensor& projections, size_t place);

  SwavSettings settings_;
  int64_t crops_;
  ProjectionHead projection_;
  at::Tensor prototypes_, queue_;
  int64_t queued_ = 0;  // images taken in so far
};

}  // namespace submask
