// The threads of the C library. They sleep where there is no work: no OpenMP, because two of its
// runtimes in one process, as beside PyTorch's, would spin against each other.
#pragma once

#include "kernels/mask_kernels.h"

namespace submask::capi {

// Runs work on the pool's threads and the caller's. Work's exceptions come out of it.
const kernels::ParallelFor& parallel_for();

// The number of threads from now on, 1 ... 1024, the caller's with them; 0: as many as this process
// may use. Throws invalid_argument.
void set_threads(int threads);

}  // namespace submask::capi
