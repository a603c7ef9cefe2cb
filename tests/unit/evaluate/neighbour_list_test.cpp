#include "evaluate/neighbour_list.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>

#include "base/random.h"

namespace submask {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<int64_t> sorted_indices(NeighbourList& list) {
  std::vector<int64_t> indices;
  for (const Neighbour& neighbour : list.nearest()) indices.push_back(neighbour.index);
  std::sort(indices.begin(), indices.end());
  return indices;
}

// The definition: a stable sort of everything.
std::vector<int64_t> expected_indices(const std::vector<float>& similarities, size_t k) {
  std::vector<int64_t> order(similarities.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return similarities[static_cast<size_t>(a)] > similarities[static_cast<size_t>(b)];
  });
  order.resize(std::min(k, order.size()));
  std::sort(order.begin(), order.end());
  return order;
}

std::vector<int64_t> found_indices(const std::vector<float>& similarities, size_t k, size_t tile) {
  NeighbourList list(static_cast<int64_t>(k));
  for (size_t first = 0; first < similarities.size(); first += tile)
    list.offer({similarities.data() + first, std::min(tile, similarities.size() - first)},
               static_cast<int64_t>(first));
  return sorted_indices(list);
}

// Few levels, so that ties straddle every rank; both zeros are one level.
TEST(NeighbourList, EqualsAStableSortWhateverTheTilesAndTies) {
  constexpr uint64_t seed = 3;
  SCOPED_TRACE(seed);
  Random random({seed});
  for (const size_t k : {1, 2, 7, 64, 200})
    for (const size_t count : {1, 31, 32, 33, 1000})
      for (const uint64_t levels : {uint64_t{1}, uint64_t{3}, uint64_t{40}, uint64_t{1} << 40}) {
        std::vector<float> similarities(count);
        for (float& value : similarities) {
          const double level = static_cast<double>(random.below(levels));
          value = static_cast<float>(level / static_cast<double>(levels));
          if (value == 0 && random.below(2) == 1) value = -value;
        }
        for (const size_t tile : {1, 17, 32, 500, 4096})
          EXPECT_EQ(found_indices(similarities, k, tile), expected_indices(similarities, k))
              << "k " << k << " count " << count << " levels " << levels << " tile " << tile;
      }
}

TEST(NeighbourList, KeepsTheBestOfRisingAndFallingSimilarities) {
  std::vector<float> rising(5000);
  std::iota(rising.begin(), rising.end(), -2500.0F);
  EXPECT_THAT(found_indices(rising, 3, 700), ElementsAre(4997, 4998, 4999));
  std::reverse(rising.begin(), rising.end());
  EXPECT_THAT(found_indices(rising, 3, 700), ElementsAre(0, 1, 2));
}

TEST(NeighbourList, IsEmptyBeforeAnyOffer) {
  NeighbourList list(5);
  EXPECT_THAT(sorted_indices(list), IsEmpty());
}

}  // namespace
}  // namespace submask
