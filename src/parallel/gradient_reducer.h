// Sums the gradients of a data-parallel run over its processes while backward() still runs.
//
// Parameters lie in buckets, in the reverse of their order, because backward() reaches the last
// layers first. A bucket whose gradients have all come is summed by a thread of its own, the first
// bucket being small so that this begins early (Li et al. 2020, arXiv 2006.15704). Buckets are
// summed in their order on every rank, so how big they are changes no bit of the result.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <ATen/core/Tensor.h>

#include "parallel/communicator.h"

namespace submask {

class GradientReducer {
 public:
  // `parameters` are leaves with gradients, the same on all ranks. Collective; with one process
  // nothing is done here or later.
  GradientReducer(const Communicator& communicator, std::vector<at::Tensor> parameters,
                  int64_t bucket_bytes);
  ~GradientReducer();
  GradientReducer(const GradientReducer&) = delete;
  GradientReducer& operator=(const GradientReducer&) = delete;

  // The next backward() is the last one before a step: its gradients, with those that are there
  // already, are summed as they come.
  void start();
  // Returns when every gradient is the sum over the ranks. A parameter without a gradient here
  // counts as one of zeros, and stays without one where no rank has one. Throws what the thread
  // threw.
  void finish();

  int64_t bytes_sent() const { return communicator_.bytes_sent(); }

 private:
  struct Bucket;
  class Hook;

  void add_bucket(std::vector<at::Tensor> parameters);
  void gradient_is_ready(size_t bucket);
  void reduce_buckets();  // the thread's work
  void reduce(Bucket& bucket);

  Communicator communicator_;
  std::vector<std::unique_ptr<Bucket>> buckets_;

  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  size_t ready_ = 0;    // buckets [0, ready_) may be summed
  size_t reduced_ = 0;  // buckets [0, reduced_) are summed
  bool active_ = false;
  bool ending_ = false;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace submask
