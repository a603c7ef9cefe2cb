// The threads for the sweeps of kernels/: ATen's, or those that sleep.
#pragma once

#include <ATen/Parallel.h>

#include "kernels/sleeping_pool.h"

namespace submask {

// While it lives, this thread's sweeps run on the threads that sleep: where they are short and
// others compute, ATen's would spin for the cores.
class SleepingSweeps {
 public:
  SleepingSweeps() { ++depth(); }
  ~SleepingSweeps() { --depth(); }
  SleepingSweeps(const SleepingSweeps&) = delete;
  SleepingSweeps& operator=(const SleepingSweeps&) = delete;

  static int& depth() {
    thread_local int depth = 0;
    return depth;
  }
};

inline const kernels::ParallelFor& aten_parallel() {
  static const kernels::ParallelFor parallel_for = [](int64_t count, const auto& work) {
    at::parallel_for(0, count, 1, work);
  };
  return SleepingSweeps::depth() > 0 ? kernels::sleeping_parallel() : parallel_for;
}

}  // namespace submask
