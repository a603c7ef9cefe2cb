// Shapes as text.
#pragma once

#include <string>

#include <c10/util/ArrayRef.h>

namespace submask {

// "64,3,7,7"; "" for a scalar.
inline std::string shape_text(c10::IntArrayRef sizes) {
  std::string text;
  for (const int64_t size : sizes) text += (text.empty() ? "" : ",") + std::to_string(size);
  return text;
}

}  // namespace submask
