// What to allocate at most for deflated bytes, whatever a header claims.
#pragma once

#include <cstdint>

namespace submask {

// No deflated bytes inflate to more than this many times their number: 258 bytes from two bits.
constexpr uint64_t best_deflate_ratio = 1032;

}  // namespace submask
