#include "numeric/average_linkage.h"

#include <algorithm>

namespace submask {
namespace {

struct Cluster {
  size_t name;
  size_t items;
  std::vector<double> distance;  // to each cluster, by its name
};

}  // namespace

std::vector<ClusterMerge> average_linkage(const SquareMatrix& distances) {
  const size_t n = distances.size();
  std::vector<Cluster> left;
  for (size_t i = 0; i < n; ++i) {
    left.push_back({i, 1, distances[i]});
    left.back().distance.resize(2 * n);
  }
  std::vector<ClusterMerge> merges;
  while (left.size() > 1) {
    size_t a = 0, b = 1;
    for (size_t i = 0; i < left.size(); ++i)
      for (size_t j = i + 1; j < left.size(); ++j)
        if (left[i].distance[left[j].name] < left[a].distance[left[b].name]) a = i, b = j;
    const double height = left[a].distance[left[b].name];
    Cluster both{n + merges.size(), left[a].items + left[b].items, std::vector<double>(2 * n)};
    for (Cluster& other : left) {
      both.distance[other.name] =
          (static_cast<double>(left[a].items) * left[a].distance[other.name] +
           static_cast<double>(left[b].items) * left[b].distance[other.name]) /
          static_cast<double>(both.items);
      other.distance[both.name] = both.distance[other.name];
    }
    merges.push_back({left[a].name, left[b].name, height, both.items});
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(b));  // a < b: this does not move a
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(a));
    left.push_back(std::move(both));
  }
  return merges;
}

std::vector<size_t> leaf_order(const std::vector<ClusterMerge>& merges) {
  const size_t n = merges.size() + 1;
  std::vector<size_t> order, waiting = {n + merges.size() - 1};
  while (!waiting.empty()) {
    const size_t cluster = waiting.back();
    waiting.pop_back();
    if (cluster < n) {
      order.push_back(cluster);
      continue;
    }
    waiting.push_back(merges[cluster - n].b);
    waiting.push_back(merges[cluster - n].a);
  }
  return order;
}

}  // namespace submask
