// Threads that sleep where there is no work: those of the C library, where a second OpenMP would
// spin against PyTorch's, and of a server that expands weights while others compute.
#pragma once

#include "kernels/mask_kernels.h"

namespace submask::kernels {

// Runs work on the pool's threads and the caller's. Work's exceptions come out of it.
const ParallelFor& sleeping_parallel();

// The number of threads from now on, 1 ... 1024, the caller's with them; 0: as many as this process
// may use. Throws invalid_argument.
void set_sleeping_threads(int threads);

}  // namespace submask::kernels
