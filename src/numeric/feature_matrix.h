// What callers hand in as features and labels, checked once and brought to one form.
#pragma once

#include <cstdint>
#include <string_view>

#include <ATen/core/Tensor.h>

namespace submask {

// Rows that a function works on at a time, so that its double-precision copies stay small.
constexpr int64_t feature_block_rows = 4096;

// float32 [N, D] on the CPU, contiguous. Throws invalid_argument for another shape and for NaN or
// infinity (naming `what` and the first such row): a mask that diverged shows here, not as a
// silently wrong accuracy.
at::Tensor feature_matrix(const at::Tensor& values, std::string_view what);

// int64 [count] on the CPU, contiguous, every entry in [0, classes).
at::Tensor class_vector(const at::Tensor& values, int64_t count, int64_t classes,
                        std::string_view what);

}  // namespace submask
