// Compares 64 weights with bounds of magnitude and gives a map of one bit a weight for each bound.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "codec/bit_map.h"
#include "codec/magnitude.h"

namespace submask {

// Bounds are keys, 0 ... MagnitudeScale::keys. Bit j of map i is set where the key of weights[j] is
// bounds[i] or more. This works on any processor.
template <size_t count>
std::array<uint64_t, count> reaching_anywhere(const float* weights,
                                              const std::array<int, count>& bounds) {
  std::array<uint64_t, count> maps{};
  for (size_t j = 0; j < map_weights; ++j) {
    const auto key = static_cast<int>(magnitude_key(weights[j]));
    for (size_t i = 0; i < count; ++i) maps[i] |= static_cast<uint64_t>(key >= bounds[i]) << j;
  }
  return maps;
}

#ifdef __SSE2__
// The same for sixteen weights at a time. The bounds must rise and span less than 128 keys.
template <size_t count>
std::array<uint64_t, count> reaching_sse2(const float* weights,
                                          const std::array<int, count>& bounds) {
  const __m128i origin = _mm_set1_epi16(static_cast<int16_t>(bounds[0]));
  const auto eight = [&](const float* from) {  // magnitude_key() - bounds[0]
    const auto keys_of = [](const float* four) {
      return _mm_srli_epi32(_mm_slli_epi32(_mm_castps_si128(_mm_loadu_ps(four)), 1), 22);
    };
    return _mm_sub_epi16(_mm_packs_epi32(keys_of(from), keys_of(from + 4)), origin);
  };
  std::array<uint64_t, count> maps{};
  for (size_t j = 0; j < map_weights; j += 16) {
    const __m128i keys = _mm_packs_epi16(eight(weights + j), eight(weights + j + 8));
    for (size_t i = 0; i < count; ++i) {
      const __m128i below = _mm_set1_epi8(static_cast<char>(bounds[i] - bounds[0] - 1));
      maps[i] |= static_cast<uint64_t>(_mm_movemask_epi8(_mm_cmpgt_epi8(keys, below))) << j;
    }
  }
  return maps;
}

// The same for 32 weights at a time, where the processor has AVX2.
template <size_t count>
__attribute__((target("avx2"))) std::array<uint64_t, count> reaching_avx2(
    const float* weights, const std::array<int, count>& bounds) {
  const __m256i origin = _mm256_set1_epi16(static_cast<int16_t>(bounds[0]));
  std::array<uint64_t, count> maps{};
  for (size_t j = 0; j < map_weights; j += 32) {
    __m256i keys[4];
    for (size_t i = 0; i < 4; ++i)
      keys[i] = _mm256_srli_epi32(
          _mm256_slli_epi32(_mm256_castps_si256(_mm256_loadu_ps(weights + j + 8 * i)), 1), 22);
    const __m256i low = _mm256_sub_epi16(_mm256_packs_epi32(keys[0], keys[1]), origin);
    const __m256i high = _mm256_sub_epi16(_mm256_packs_epi32(keys[2], keys[3]), origin);
    // Packing works on halves of a register, which leaves every four keys in another place.
    const __m256i in_order = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(low, high),
                                                         _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    for (size_t i = 0; i < count; ++i) {
      const __m256i below = _mm256_set1_epi8(static_cast<char>(bounds[i] - bounds[0] - 1));
      const auto reached =
          static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpgt_epi8(in_order, below)));
      maps[i] |= static_cast<uint64_t>(reached) << j;
    }
  }
  return maps;
}
#endif

template <size_t count>
std::array<uint64_t, count> reaching(const float* weights, const std::array<int, count>& bounds) {
#ifdef __SSE2__
  if (__builtin_cpu_supports("avx2")) return reaching_avx2(weights, bounds);
  return reaching_sse2(weights, bounds);
#else
  return reaching_anywhere(weights, bounds);
#endif
}

}  // namespace submask
