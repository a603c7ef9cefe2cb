// Arrays of few numbers.
#pragma once

#include <initializer_list>
#include <utility>
#include <vector>

#include "taskfile/array_bytes.h"

namespace submask {

inline Array floats(std::vector<int64_t> shape, const std::vector<float>& values) {
  return make_array<float>(Dtype::f32, std::move(shape), values);
}

inline Array zeros(std::vector<int64_t> shape) { return make_array(Dtype::f32, std::move(shape)); }

}  // namespace submask
