// Numbers of MATLAB's files, stored in any type, as small whole numbers.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/file.h"

namespace submask {

struct NumberType {
  enum class Kind { unsigned_integer, signed_integer, floating_point };
  Kind kind = Kind::unsigned_integer;
  uint64_t bytes = 1;  // 1, 2, 4 or 8; of a floating point number 4 or 8
};

// `stored` holds out.size() little-endian numbers; `out` may be the beginning of its memory where a
// number takes no more than it did. Throws corrupt_file for a number that is not whole, or beyond
// what `out` can hold.
void convert_numbers(Bytes stored, NumberType type, std::span<uint8_t> out,
                     const std::string& file);
void convert_numbers(Bytes stored, NumberType type, std::span<uint16_t> out,
                     const std::string& file);

}  // namespace submask
