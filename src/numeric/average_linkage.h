// Hierarchical clustering by average linkage (UPGMA), for dendrograms.
#pragma once

#include <cstddef>
#include <vector>

namespace submask {

// Clusters 0 ... n-1 are the items, n + i is what merge i makes: as scipy's linkage() has it.
struct ClusterMerge {
  size_t a = 0, b = 0;  // a < b
  double height = 0;    // mean distance between the items of both
  size_t items = 0;     // in both together
};

using SquareMatrix = std::vector<std::vector<double>>;

// n - 1 merges by rising height, of symmetric distances; among equal ones, that of the oldest
// clusters first.
std::vector<ClusterMerge> average_linkage(const SquareMatrix& distances);

// The items from left to right in a dendrogram without crossing lines.
std::vector<size_t> leaf_order(const std::vector<ClusterMerge>& merges);

}  // namespace submask
