// Chooses the threads for the sweeps of kernels/: ATen's, or the pool whose idle threads sleep
// (kernels/sleeping_pool.h).
#pragma once

#include <ATen/Parallel.h>

#include "kernels/sleeping_pool.h"

namespace submask {

// While an object of this class lives, its thread runs sweeps on the sleeping pool. Idle threads of
// ATen spin, which would take cores from other threads that compute.
class SleepingSweeps {
 public:
  SleepingSweeps() { ++depth(); }
  ~SleepingSweeps() { --depth(); }
  SleepingSweeps(const SleepingSweeps&) = delete;
  SleepingSweeps& operator=(const SleepingSweeps&) = delete;

  // The number of such objects in this thread.
  static int& depth() {
    thread_local int depth = 0;
    return depth;
  }
};

// Returns ATen's parallel-for, or the sleeping pool's while this thread has a SleepingSweeps.
inline const kernels::ParallelFor& aten_parallel() {
  static const kernels::ParallelFor parallel_for = [](int64_t count, const auto& work) {
    at::parallel_for(0, count, 1, work);
  };
  return SleepingSweeps::depth() > 0 ? kernels::sleeping_parallel() : parallel_for;
}

}  // namespace submask
