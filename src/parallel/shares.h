// How processes share items. No LibTorch.
#pragma once

#include <cstdint>

namespace submask {

struct Share {
  int64_t begin = 0;
  int64_t end = 0;
};

// The items of [0, count) that `rank` of `size` works on. Shares follow one another, and their
// lengths differ by one at most.
constexpr Share share_of(int64_t count, int64_t rank, int64_t size) {
  return {count * rank / size, count * (rank + 1) / size};
}

}  // namespace submask
