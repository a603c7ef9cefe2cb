// A limit on what a reader may hold, for fuzz targets.
#pragma once

#include <cstddef>

namespace submask {

// While it lives, the process aborts as soon as operator new has handed out `most_bytes` more than
// delete has taken back. One at a time, on one thread.
class AllocationLimit {
 public:
  explicit AllocationLimit(size_t most_bytes);
  ~AllocationLimit();
  AllocationLimit(const AllocationLimit&) = delete;
  AllocationLimit& operator=(const AllocationLimit&) = delete;
};

}  // namespace submask
