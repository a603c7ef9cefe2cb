// Makes arrays, and checks their sizes.
#pragma once

#include <cstring>
#include <string>
#include <utility>

#include <submask/array.h>

#include "base/names.h"
#include "safetensors/safetensors.h"

namespace submask {

inline int64_t elements_of(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  return count;
}

// An array of zeros.
inline Array make_array(Dtype dtype, std::vector<int64_t> shape) {
  const auto count = static_cast<size_t>(elements_of(shape));
  return {dtype, std::move(shape),
          std::vector<uint8_t>(count * safetensors_element_bytes(name_of(dtype)))};
}

template <typename T>
Array make_array(Dtype dtype, std::vector<int64_t> shape, std::span<const T> values) {
  Array array = make_array(dtype, std::move(shape));
  assert(array.bytes.size() == values.size_bytes());
  if (!values.empty()) std::memcpy(array.bytes.data(), values.data(), values.size_bytes());
  return array;
}

// "[2,4]"
std::string in_brackets(const std::vector<int64_t>& shape);

// "bias [2], cosine [2,4]"
std::string listed(const ArrayMap& arrays);

bool all_finite(const Array& array);  // of F32

// Copies an entry out of a file, whose bytes may be misaligned there. Throws corrupt_file for a
// dtype that is not one of Dtype.
Array read_array(const SafetensorsEntry& entry, const std::string& file);

}  // namespace submask
