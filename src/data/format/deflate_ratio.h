// How much memory deflated bytes can need at most, whatever a header claims.
#pragma once

#include <cstdint>

namespace submask {

// Deflated bytes never inflate to more than this many times their number (258 bytes from two bits).
constexpr uint64_t best_deflate_ratio = 1032;

}  // namespace submask
