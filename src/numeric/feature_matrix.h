// Features and labels from callers, checked once and brought to one form.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include <ATen/core/Tensor.h>

namespace submask {

// Rows that a function works on at a time, so that its double-precision copies stay small.
constexpr int64_t feature_block_rows = 4096;

// "Float [64, 3]", or "nothing" for an undefined tensor.
std::string described(const at::Tensor& tensor);

// float32 [N, D] on the CPU, contiguous. Throws invalid_argument for another shape and for NaN or
// infinity, so that a mask that diverged does not show as a wrong accuracy. The message has the
// first bad row and the name that the caller gives to the values.
at::Tensor feature_matrix(const at::Tensor& values, std::string_view name);

// int64 [count] on the CPU, contiguous, every entry in [0, classes).
at::Tensor class_vector(const at::Tensor& values, int64_t count, int64_t classes,
                        std::string_view name);

// Calls visit(block, first) for blocks of feature_block_rows rows (the last has fewer), where
// `first` is the number of the block's first row.
template <typename Visit>
void for_each_block(const at::Tensor& rows, const Visit& visit) {
  for (int64_t first = 0; first < rows.size(0); first += feature_block_rows)
    visit(rows.narrow(0, first, std::min(feature_block_rows, rows.size(0) - first)), first);
}

}  // namespace submask
