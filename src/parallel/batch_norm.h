// Batch norm over the images of one process, or over those of all processes of a run.
#pragma once

#include <ATen/core/Tensor.h>

namespace submask {

struct BatchNormTensors {
  at::Tensor weight;        // [C]
  at::Tensor bias;          // [C]
  at::Tensor running_mean;  // [C], or not defined
  at::Tensor running_var;   // [C], or not defined
};

// While one is alive in a thread, its batch norms that train normalise by the statistics of all
// processes' images; otherwise each process by those of its own. One process then computes as
// several do, because LibTorch's own batch norm rounds more: where the gradients of images nearly
// cancel, as in a network of random weights, its third digit differs.
class SyncBatchNorm {
 public:
  explicit SyncBatchNorm(bool enabled);
  ~SyncBatchNorm();
  SyncBatchNorm(const SyncBatchNorm&) = delete;
  SyncBatchNorm& operator=(const SyncBatchNorm&) = delete;

 private:
  bool outer_;
};

// x [N, C] or [N, C, H, W]. With `training` the statistics are the batch's, and the running ones
// follow them by `momentum` (the unbiased variance, as PyTorch's do); otherwise they are the
// running ones. Collective with SyncBatchNorm and `training`, and so is its backward(). The
// processes may have different numbers of images.
at::Tensor batch_norm(const at::Tensor& x, const BatchNormTensors& norm, bool training,
                      double momentum, double epsilon);

}  // namespace submask
