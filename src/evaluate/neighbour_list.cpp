#include "evaluate/neighbour_list.h"

#include <algorithm>

#include "base/vectorised.h"

namespace submask {
namespace {

constexpr size_t block = 32;  // similarities looked at together
constexpr size_t spare = 64;  // beyond twice k, so that a small k does not prune all the time

bool closer(const Neighbour& a, const Neighbour& b) {
  return a.similarity > b.similarity || (a.similarity == b.similarity && a.index < b.index);
}

size_t capacity(size_t k) { return 2 * k + spare; }

// The first block at or after `begin` with a value above the threshold; the last, partial block
// counts as one.
SUBMASK_VECTORISED size_t next_block_above(const float* values, size_t begin, size_t count,
                                           float threshold) {
  for (; begin + block <= count; begin += block) {
    int32_t above = 0;
    for (size_t i = 0; i < block; ++i) above |= values[begin + i] > threshold ? 1 : 0;
    if (above != 0) return begin;
  }
  return begin;
}

}  // namespace

NeighbourList::NeighbourList(int64_t k) : k_(static_cast<size_t>(k)) {}

int64_t NeighbourList::size_bytes(int64_t k) {
  return static_cast<int64_t>(capacity(static_cast<size_t>(k)) * sizeof(Neighbour));
}

void NeighbourList::offer(std::span<const float> similarities, int64_t first) {
  const size_t count = similarities.size();
  for (size_t begin = 0; begin < count; begin += block) {
    begin = next_block_above(similarities.data(), begin, count, threshold_);
    const size_t end = std::min(begin + block, count);
    for (size_t i = begin; i < end; ++i) {
      if (!(similarities[i] > threshold_)) continue;
      kept_.push_back({similarities[i], first + static_cast<int64_t>(i)});
      if (kept_.size() == capacity(k_)) prune();
    }
  }
}

// An equal similarity that comes later has a higher index: it need not be kept.
void NeighbourList::prune() {
  const auto last = kept_.begin() + static_cast<ptrdiff_t>(k_) - 1;
  std::nth_element(kept_.begin(), last, kept_.end(), closer);
  threshold_ = last->similarity;
  kept_.resize(k_);
}

std::span<const Neighbour> NeighbourList::nearest() {
  if (kept_.size() > k_) prune();
  return kept_;
}

}  // namespace submask
