// Hierarchical clustering by average linkage (UPGMA), for dendrograms.
#pragma once

#include <cstddef>
#include <vector>

namespace submask {

// Clusters 0 ... n-1 are the items, and cluster n + i is the result of merge i, as in scipy's
// linkage().
struct ClusterMerge {
  size_t a = 0, b = 0;  // a < b
  double height = 0;    // mean distance between the items of both
  size_t items = 0;     // in both together
};

using SquareMatrix = std::vector<std::vector<double>>;

// The n - 1 merges for symmetric distances, by rising height; of equal heights, the merge of the
// oldest clusters comes first.
std::vector<ClusterMerge> average_linkage(const SquareMatrix& distances);

// The items from left to right in a dendrogram without crossing lines.
std::vector<size_t> leaf_order(const std::vector<ClusterMerge>& merges);

}  // namespace submask
