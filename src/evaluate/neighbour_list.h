// The nearest rows of a bank to one query, found while similarities come in tile by tile.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace submask {

struct Neighbour {
  float similarity;
  int64_t index;  // in the bank
};

// Keeps whatever is more similar than the k-th best at the last pruning, and prunes to the k best
// when twice as many have gathered: nearly all similarities cost a comparison and nothing else.
class NeighbourList {
 public:
  explicit NeighbourList(int64_t k);

  // Of the bank's rows first, first + 1, ...; rows must come in order, so that of equal
  // similarities the lower index stays.
  void offer(std::span<const float> similarities, int64_t first);

  // The k best (all, where there were fewer), in no order.
  std::span<const Neighbour> nearest();

  // Bytes that a list grows to.
  static int64_t size_bytes(int64_t k);

 private:
  void prune();

  size_t k_;
  float threshold_ = -std::numeric_limits<float>::infinity();
  std::vector<Neighbour> kept_;
};

}  // namespace submask
