#include "allocation_limit.h"

#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace {

constexpr size_t no_limit = ~size_t{0};
size_t most_bytes = no_limit;
size_t live_bytes = 0;

void* allocate(size_t size) {
  if (most_bytes != no_limit && size > most_bytes - live_bytes) {
    std::fprintf(stderr, "allocates %zu bytes beside %zu: more than %zu\n", size, live_bytes,
                 most_bytes);
    std::abort();
  }
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory != nullptr && most_bytes != no_limit) live_bytes += malloc_usable_size(memory);
  return memory;
}

void* allocate_or_throw(size_t size) {
  if (void* memory = allocate(size)) return memory;
  throw std::bad_alloc();
}

// What was there before the limit may go while it is in force.
void release(void* memory) noexcept {
  if (memory != nullptr && most_bytes != no_limit) {
    const size_t size = malloc_usable_size(memory);
    live_bytes -= size < live_bytes ? size : live_bytes;
  }
  std::free(memory);
}

}  // namespace

void* operator new(size_t size) { return allocate_or_throw(size); }
void* operator new[](size_t size) { return allocate_or_throw(size); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, size_t) noexcept { release(memory); }
void operator delete[](void* memory, size_t) noexcept { release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { release(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { release(memory); }

namespace submask {

AllocationLimit::AllocationLimit(size_t most) {
  live_bytes = 0;
  most_bytes = most;
}

AllocationLimit::~AllocationLimit() { most_bytes = no_limit; }

}  // namespace submask
