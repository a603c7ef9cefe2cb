#include "kernels/mask_blocks.h"

#include <algorithm>
#include <array>
#include <cmath>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/vectorised.h"

namespace submask::kernels {
namespace {

SUBMASK_VECTORISED void mask_by_scores(const float* __restrict score, float mu, float scale,
                                       float off_scale, const float* __restrict theta,
                                       float* __restrict weight, int64_t count) {
  for (int64_t i = 0; i < count; ++i) weight[i] = (score[i] > mu ? scale : off_scale) * theta[i];
}

// Of all a[i] * b[i], or of their squares. Inlined always, so that it is compiled for each level.
template <bool squared>
[[gnu::always_inline]] inline double sum_of_products(const float* __restrict a,
                                                     const float* __restrict b, int64_t count) {
  constexpr int64_t lanes = 16;
  std::array<float, lanes> sums{};
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (int64_t lane = 0; lane < lanes; ++lane) {
      const float product = a[i + lane] * b[i + lane];
      sums[lane] += squared ? product * product : product;
    }
  double total = 0;
  for (const float sum : sums) total += sum;
  for (; i < count; ++i) {
    const float product = a[i] * b[i];
    total += squared ? product * product : product;
  }
  return total;
}

#ifdef __SSE2__
// A cache line that is written whole this way is not read before.
void stream(const float* values, float* target, int64_t count) {
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) _mm_stream_ps(target + i, _mm_loadu_ps(values + i));
  for (; i < count; ++i) target[i] = values[i];
}
void end_stream() { _mm_sfence(); }
#else
void stream(const float* values, float* target, int64_t count) {
  std::copy_n(values, count, target);
}
void end_stream() {}
#endif

}  // namespace

SUBMASK_VECTORISED double dot_block(const float* a, const float* b, int64_t count) {
  return sum_of_products</*squared=*/false>(a, b, count);
}

SUBMASK_VECTORISED double squares_block(const float* a, const float* b, int64_t count) {
  return sum_of_products</*squared=*/true>(a, b, count);
}

SUBMASK_VECTORISED void score_block(const ScoreStep& step, const float* __restrict theta,
                                    const float* __restrict gradient, float* __restrict score,
                                    float* __restrict velocity, int64_t count) {
  const float scale = step.gradient_scale, shift = step.shift, rate = step.rate;
  const auto momentum = static_cast<float>(step.update.momentum);
  const auto decay = static_cast<float>(step.update.weight_decay);
  const float direct = step.update.nesterov ? 1.0F : 0.0F;
  const float through = step.update.nesterov ? momentum : 1.0F;
  const float up = step.pull, top = step.top;
  if (decay == 0) {
    for (int64_t i = 0; i < count; ++i) {
      const float d = scale * theta[i] * gradient[i] - shift;
      const float v = momentum * velocity[i] + d;
      velocity[i] = v;
      const float s = score[i] - rate * (direct * d + through * v);
      score[i] = s < top ? s + up : s;
    }
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    // An infinite score marks a weight that is never masked; it must not decay into a NaN.
    const float pull = std::fabs(score[i]) <= 3.4e38F ? decay * score[i] : 0.0F;
    const float d = scale * theta[i] * gradient[i] - shift + pull;
    const float v = momentum * velocity[i] + d;
    velocity[i] = v;
    const float s = score[i] - rate * (direct * d + through * v);
    score[i] = s < top ? s + up : s;
  }
}

SUBMASK_VECTORISED void pull_block(float up, float top, const float* __restrict prices,
                                   float* __restrict score, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    score[i] = score[i] < top ? score[i] + up * prices[i] : score[i];
}

SUBMASK_VECTORISED int32_t count_above(const float* __restrict score, float mu, int64_t count) {
  int32_t total = 0;
  for (int64_t i = 0; i < count; ++i) total += score[i] > mu ? 1 : 0;
  return total;
}

void masked_block(const float* score, float mu, float scale, float off_scale, const float* theta,
                  float* weight, int64_t count, bool streamed) {
  if (!streamed) {
    mask_by_scores(score, mu, scale, off_scale, theta, weight, count);
    return;
  }
  std::array<float, 1024> part;  // with its part of both arrays it fits the L1 cache
  for (int64_t first = 0; first < count; first += std::ssize(part)) {
    const int64_t length = std::min(std::ssize(part), count - first);
    mask_by_scores(score + first, mu, scale, off_scale, theta + first, part.data(), length);
    stream(part.data(), weight + first, length);
  }
  end_stream();
}

// The reader of a smaller array finds it in the cache; instructions ask for multiples of 16 bytes.
bool is_streamed([[maybe_unused]] const float* weight, [[maybe_unused]] int64_t count) {
#ifdef __SSE2__
  return count >= 1 << 18 && reinterpret_cast<uintptr_t>(weight) % 16 == 0;
#else
  return false;
#endif
}

}  // namespace submask::kernels
