// Tasks of random masks, as benchmarks apply and serve them.
#pragma once

#include <cstdint>

#include <submask/task.h>

namespace submask::bench {

// A mask of each default unit with a given share off, and the backbone's own statistics.
Task random_task(const Backbone& backbone, double off_share, uint64_t seed);

}  // namespace submask::bench
