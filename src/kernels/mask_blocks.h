// What the sweeps of mask learning do with one block of a mask unit, vectorised.
#pragma once

#include <cstdint>

#include "base/ceil_div.h"
#include "kernels/mask_kernels.h"

namespace submask::kernels {

// Work and sums are divided into blocks. Five float32 arrays of 16 Ki elements fit the L2 cache.
constexpr int64_t block_size = 16384;

constexpr int64_t block_count(int64_t count) { return ceil_div(count, block_size); }

double dot_block(const float* a, const float* b, int64_t count);
double squares_block(const float* a, const float* b, int64_t count);  // sum((a[i] * b[i])^2)

// Moves score and velocity by a step.
void score_block(const ScoreStep& step, const float* theta, const float* gradient, float* score,
                 float* velocity, int64_t count);

// Draws scores below `top` up by `up * prices[i]`.
void pull_block(float up, float top, const float* prices, float* score, int64_t count);

// How many scores are above mu.
int32_t count_above(const float* score, float mu, int64_t count);

// w = score > mu ? scale * theta : off_scale * theta. A streamed block goes past the cache, which
// an array of megabytes would empty before it is read again.
void masked_block(const float* score, float mu, float scale, float off_scale, const float* theta,
                  float* weight, int64_t count, bool streamed);

// Whether an array is large enough for that, and begins where the instructions want it.
bool is_streamed(const float* weight, int64_t count);

}  // namespace submask::kernels
