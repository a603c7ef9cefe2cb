#include "kernels/mask_kernels.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/vectorised.h"
#include "kernels/mask_blocks.h"

namespace submask::kernels {
namespace {

// Calls body(block, first, length) for every block.
template <typename Body>
void for_each_block(const ParallelFor& parallel_for, int64_t count, const Body& body) {
  parallel_for(block_count(count), [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const int64_t first = block * block_size;
      body(block, first, std::min(block_size, count - first));
    }
  });
}

// The sums of the blocks are added in their order.
template <typename BlockSum>
double sum_over_blocks(const BlockSum& block_sum, const ParallelFor& parallel_for, const float* a,
                       const float* b, int64_t count) {
  std::vector<double> partial(static_cast<size_t>(block_count(count)));
  for_each_block(parallel_for, count, [&](int64_t block, int64_t first, int64_t length) {
    partial[block] = block_sum(a + first, b + first, length);
  });
  double total = 0;
  for (const double sum : partial) total += sum;
  return total;
}

SUBMASK_VECTORISED int32_t mark_block(const float* __restrict score, float mu,
                                      uint8_t* __restrict on, int64_t count) {
  int32_t total = 0;
  for (int64_t i = 0; i < count; ++i) {
    const int32_t is_on = score[i] > mu ? 1 : 0;
    on[i] = static_cast<uint8_t>(is_on);
    total += is_on;
  }
  return total;
}

SUBMASK_VECTORISED void materialise_block(float scale, float off_scale,
                                          const float* __restrict theta,
                                          const uint8_t* __restrict on, float* __restrict weight,
                                          int64_t count) {
  for (int64_t i = 0; i < count; ++i) weight[i] = (on[i] != 0 ? scale : off_scale) * theta[i];
}

// Writes a byte for each of `count` bits, not 0 where it is set; to whole groups of eight. Each bit
// stays in its place in a copy of the byte, because no compiler vectorises shifts of single bits.
void unpack_bits(const uint8_t* bits, int64_t count, std::span<uint8_t> on) {
  constexpr uint64_t copies = 0x0101010101010101;
  constexpr uint64_t one_each =
      std::endian::native == std::endian::little ? 0x8040201008040201 : 0x0102040810204080;
  for (int64_t byte = 0; byte < (count + 7) / 8; ++byte) {
    const uint64_t spread = bits[byte] * copies & one_each;
    std::memcpy(&on[static_cast<size_t>(byte * 8)], &spread, 8);
  }
}

void materialise_packed_block(float scale, float off_scale, const float* theta, const uint8_t* bits,
                              float* weight, int64_t count) {
  std::array<uint8_t, 1024> on;  // with its part of both arrays it fits the L1 cache
  constexpr auto part = static_cast<int64_t>(on.size());
  for (int64_t first = 0; first < count; first += part) {
    const int64_t length = std::min(part, count - first);
    unpack_bits(bits + first / 8, length, on);
    materialise_block(scale, off_scale, theta + first, on.data(), weight + first, length);
  }
}

#ifdef __SSE2__
// Writes whole groups of eight past the cache, which so large an array would empty, and returns
// their number of weights. A cache line that is written whole this way is not read before.
int64_t stream_packed_block(float scale, float off_scale, const float* theta, const uint8_t* bits,
                            float* weight, int64_t count) {
  const __m128i low = _mm_setr_epi32(1, 2, 4, 8), high = _mm_slli_epi32(low, 4);
  const __m128 off = _mm_set1_ps(off_scale), change = _mm_xor_ps(off, _mm_set1_ps(scale));
  const auto product = [&](__m128i byte, __m128i places, const float* from) {
    const __m128i on = _mm_cmpeq_epi32(_mm_and_si128(byte, places), places);
    const __m128 factor = _mm_xor_ps(off, _mm_and_ps(_mm_castsi128_ps(on), change));
    return _mm_mul_ps(factor, _mm_loadu_ps(from));
  };
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m128i byte = _mm_set1_epi32(bits[i / 8]);
    _mm_stream_ps(weight + i, product(byte, low, theta + i));
    _mm_stream_ps(weight + i + 4, product(byte, high, theta + i + 4));
  }
  _mm_sfence();
  return i;
}

#else
int64_t stream_packed_block(float, float, const float*, const uint8_t*, float*, int64_t) {
  return 0;
}
#endif

SUBMASK_VECTORISED void weight_block(const UpdateSettings& update, float rate,
                                     const float* __restrict gradient, float* __restrict weight,
                                     float* __restrict velocity, int64_t count) {
  const auto momentum = static_cast<float>(update.momentum);
  const auto decay = static_cast<float>(update.weight_decay);
  const float direct = update.nesterov ? 1.0F : 0.0F;
  const float through = update.nesterov ? momentum : 1.0F;
  for (int64_t i = 0; i < count; ++i) {
    const float d = gradient[i] + decay * weight[i];
    const float v = momentum * velocity[i] + d;
    velocity[i] = v;
    weight[i] -= rate * (direct * d + through * v);
  }
}

}  // namespace

double dot(const ParallelFor& parallel_for, const float* a, const float* b, int64_t count) {
  return sum_over_blocks(dot_block, parallel_for, a, b, count);
}

double dot_of_squares(const ParallelFor& parallel_for, const float* a, const float* b,
                      int64_t count) {
  return sum_over_blocks(squares_block, parallel_for, a, b, count);
}

double unit_rate(double rate, double scale, double squares, int64_t count, double& average) {
  constexpr double kept = .99;
  // An average recovers where squares overflow.
  constexpr double most = std::numeric_limits<float>::max();
  const double size = std::min(scale * std::sqrt(squares / static_cast<double>(count)), most);
  average = average > 0 ? kept * average + (1 - kept) * size : size;
  return average > 0 ? rate / average : 0;
}

int64_t update_scores(const ParallelFor& parallel_for, const ScoreStep& step, const float* theta,
                      const float* gradient, float* score, float* velocity, uint8_t* on,
                      int64_t count, const float* prices) {
  ScoreStep unpriced = step;
  if (prices != nullptr) unpriced.pull = 0;
  std::vector<int64_t> partial(static_cast<size_t>(block_count(count)));
  for_each_block(parallel_for, count, [&](int64_t block, int64_t first, int64_t length) {
    score_block(unpriced, theta + first, gradient + first, score + first, velocity + first, length);
    if (prices != nullptr) pull_block(step.pull, step.top, prices + first, score + first, length);
    partial[block] = mark_block(score + first, step.mu, on + first, length);
  });
  int64_t total = 0;
  for (const int64_t sum : partial) total += sum;
  return total;
}

void materialise(const ParallelFor& parallel_for, float scale, float off_scale, const float* theta,
                 const uint8_t* on, float* weight, int64_t count) {
  for_each_block(parallel_for, count, [&](int64_t, int64_t first, int64_t length) {
    materialise_block(scale, off_scale, theta + first, on + first, weight + first, length);
  });
}

void materialise_packed(const ParallelFor& parallel_for, float scale, float off_scale,
                        const float* theta, const uint8_t* bits, float* weight, int64_t count) {
  static_assert(block_size % 8 == 0, "a block begins at a whole byte");
  const bool streamed = is_streamed(weight, count);
  for_each_block(parallel_for, count, [&](int64_t, int64_t first, int64_t length) {
    const int64_t end = first + length;
    if (streamed)
      first += stream_packed_block(scale, off_scale, theta + first, bits + first / 8,
                                   weight + first, length);
    materialise_packed_block(scale, off_scale, theta + first, bits + first / 8, weight + first,
                             end - first);
  });
}

void update_weights(const ParallelFor& parallel_for, const UpdateSettings& update, float rate,
                    const float* gradient, float* weight, float* velocity, int64_t count) {
  for_each_block(parallel_for, count, [&](int64_t, int64_t first, int64_t length) {
    weight_block(update, rate, gradient + first, weight + first, velocity + first, length);
  });
}

}  // namespace submask::kernels
