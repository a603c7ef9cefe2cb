// Ways to call the parts of a sweep, as callers' threads may.
#pragma once

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "kernels/mask_kernels.h"

namespace submask {

using Work = std::function<void(int64_t begin, int64_t end)>;

inline void one_part(int64_t count, const Work& work) {
  if (count > 0) work(0, count);
}

// Parts of 1, 2, 3, 1, 2, 3, ... elements.
inline std::vector<std::pair<int64_t, int64_t>> uneven_parts(int64_t count) {
  std::vector<std::pair<int64_t, int64_t>> parts;
  for (int64_t begin = 0, length = 1; begin < count; begin += length, length = length % 3 + 1)
    parts.emplace_back(begin, std::min(begin + length, count));
  return parts;
}

inline void in_uneven_parts(int64_t count, const Work& work) {
  for (const auto& [begin, end] : uneven_parts(count)) work(begin, end);
}

inline void from_last_to_first(int64_t count, const Work& work) {
  for (int64_t i = count; i-- > 0;) work(i, i + 1);
}

inline void on_threads(int64_t count, const Work& work) {
  std::vector<std::jthread> threads;
  for (const auto& [begin, end] : uneven_parts(count)) threads.emplace_back(work, begin, end);
}

struct PartOrder {
  const char* name;
  kernels::ParallelFor parallel_for;
};

// Every way but one_part.
inline std::vector<PartOrder> other_orders() {
  return {{"uneven parts", in_uneven_parts},
          {"from last to first", from_last_to_first},
          {"threads", on_threads}};
}

}  // namespace submask
