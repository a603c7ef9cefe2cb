#include "base/keep_freed_memory.h"

#include <limits>
#include <malloc.h>

namespace submask {

void keep_freed_memory() {
#ifdef __GLIBC__
  // Before 2.35 glibc accepts no more than 32 MiB.
  if (mallopt(M_MMAP_THRESHOLD, 1 << 30) == 0) mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

void share_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, 1);
#endif
}

}  // namespace submask
