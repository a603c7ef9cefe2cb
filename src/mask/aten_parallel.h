// The threads of ATen for the sweeps of kernels/.
#pragma once

#include <ATen/Parallel.h>

#include "kernels/mask_kernels.h"

namespace submask {

inline const kernels::ParallelFor& aten_parallel() {
  static const kernels::ParallelFor parallel_for = [](int64_t count, const auto& work) {
    at::parallel_for(0, count, 1, work);
  };
  return parallel_for;
}

}  // namespace submask
