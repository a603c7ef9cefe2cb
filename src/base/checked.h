// Arithmetic on sizes read from files: overflow is an error of the file, never a wrapped number.
#pragma once

#include <cstdint>
#include <string>

#include "base/fail.h"

namespace submask {

inline uint64_t checked_add(uint64_t a, uint64_t b, const std::string& file) {
  uint64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) fail_corrupt("sizes below 2^64", text(a, " + ", b), file);
  return sum;
}

inline uint64_t checked_multiply(uint64_t a, uint64_t b, const std::string& file) {
  uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product))
    fail_corrupt("sizes below 2^64", text(a, " x ", b), file);
  return product;
}

}  // namespace submask
