// SwAV's loss (section 3 of the paper) over the crops of a batch. Owns its projection, prototypes
// and queue.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include <submask/self_supervised.h>

#include "learn/projection_head.h"

namespace submask {

struct SwavLoss {
  at::Tensor loss;  // scalar with autograd
  // For measurements, without autograd, of the A crops that get assignments.
  at::Tensor assignments;  // [A * N, K], rows sum to 1
  at::Tensor projections;  // [A * N, F], of length 1
};

// Returns the settings. An image has `crops` crops; the first `first_kind_crops` of them are of the
// first kind. Throws invalid_argument for settings that do not fit.
const SwavSettings& check_swav(const SwavSettings& settings, int64_t crops,
                               int64_t first_kind_crops);

class Swav {
 public:
  // Throws as check_swav().
  Swav(const SwavSettings& settings, int64_t feature_width, int64_t crops, int64_t first_kind_crops,
       Random& random, at::TensorOptions options);

  // `features` are [crops * N, D], crop by crop. With `use_queue` the queue takes in this batch's
  // projections. Once it is full, its projections are assigned together with each batch. The order
  // of these steps is that of the authors' code.
  SwavLoss loss(const at::Tensor& features, bool use_queue);

  std::vector<at::Tensor> projection_parameters() const { return projection_.parameters(); }
  const at::Tensor& prototypes() const { return prototypes_; }  // [K, F], a leaf
  const at::Tensor& queue() const { return queue_; }  // [A, L, F]; undefined without a queue
  bool queue_is_full() const { return queued_ >= settings_.queue_length; }

  // The projection's statistics and the queue; the optimisers save the parameters.
  void save(TensorMap& state) const;
  void load(const TensorMap& state);

 private:
  // `queue_index` is the crop's index in crops_for_assign.
  at::Tensor assign(const at::Tensor& scores, size_t queue_index);
  void enqueue(const at::Tensor& own, size_t queue_index);

  SwavSettings settings_;
  int64_t crops_;
  ProjectionHead projection_;
  at::Tensor prototypes_, queue_;
  int64_t queued_ = 0;  // images that went into the queue so far
};

}  // namespace submask
