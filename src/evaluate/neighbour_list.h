// The rows of a bank that are nearest to one query, from similarities that come tile by tile.
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

// Collects the rows that are more similar than the k-th best of the last pruning, and prunes to the
// k best when there are more than twice as many. Nearly every similarity costs one comparison only.
class NeighbourList {
 public:
  explicit NeighbourList(int64_t k);

  // The similarities of the bank's rows first, first + 1, ... Rows must come in order, so that of
  // equal similarities the one with the lower index stays.
  void offer(std::span<const float> similarities, int64_t first);

  // The k best rows, or all where there were fewer, in no order.
  std::span<const Neighbour> nearest();

  // How many bytes a list grows to.
  static int64_t size_bytes(int64_t k);

 private:
  void prune();

  size_t k_;
  float threshold_ = -std::numeric_limits<float>::infinity();
  std::vector<Neighbour> kept_;
};

}  // namespace submask
