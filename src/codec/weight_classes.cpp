#include "codec/weight_classes.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "base/vectorised.h"
#include "codec/key_bounds.h"

namespace submask {
namespace {

// By the position in the kernel that a word begins at: a map of its weights in the group.
std::vector<uint64_t> words_in_group(const PositionGroups& groups, uint8_t group) {
  const size_t positions = groups.size();
  std::vector<uint64_t> words(positions);
  for (size_t j = 0; j < map_weights; ++j)
    words[0] |= static_cast<uint64_t>(groups[j % positions] == group) << j;
  // A word is that of the next position, moved by one weight, with one new weight in front.
  for (size_t i = positions; i-- > 1;)
    words[i] = words[(i + 1) % positions] << 1 | static_cast<uint64_t>(groups[i] == group);
  return words;
}

}  // namespace

WeightClasses::WeightClasses(std::span<const float> weights, std::span<const uint8_t> parent,
                             const PositionGroups& groups)
    : weights_(weights), parent_(parent), words_(map_words(std::min(chunk, weights.size()))) {
  constexpr std::array<int, size_count - 1> bins = {20, 25, 27, 29, 30, 31, 33, 35};
  const MagnitudeScale scale(weights);
  for (size_t i = 0; i < bins.size(); ++i) bounds_[i] = scale.first_key(bins[i]);
  if (std::ranges::find(groups, 2) != groups.end()) groups_ = 2;
  for (size_t group = 0; group < groups_; ++group)
    in_group_[group] = groups.empty() ? std::vector{~uint64_t{0}}
                                      : words_in_group(groups, static_cast<uint8_t>(group + 1));
  maps_ = std::make_unique_for_overwrite<uint64_t[]>(count() * words_);
  counts_ = std::make_unique_for_overwrite<uint8_t[]>(count() * words_);
}

WeightClasses::Members WeightClasses::members(size_t class_index) const {
  assert(class_index < count());
  return {{&maps_[class_index * words_], found_words_},
          {&counts_[class_index * words_], found_words_},
          totals_[class_index]};
}

void WeightClasses::find(size_t first) {
  assert(first % chunk == 0 && first < weights_.size());
  found_words_ = map_words(std::min(chunk, weights_.size() - first));
  totals_ = {};
  for (size_t word = 0; word < found_words_; ++word) find_word(first + word * map_weights, word);
  // No weight is in two classes.
  assert(std::accumulate(totals_.begin(), totals_.end(), size_t{0}) <= weights_.size() - first);
}

SUBMASK_VECTORISED void WeightClasses::find_word(size_t first, size_t word) {
  const size_t count = std::min(map_weights, weights_.size() - first);
  const uint64_t in_range = first_bits(count);
  const float* weights = &weights_[first];
  std::array<float, map_weights> last;  // zeros would take a fifth of the time of all other words
  if (count != map_weights) {
    std::fill(std::copy_n(weights, count, last.begin()), last.end(), 0.0F);
    weights = last.data();
  }
  const auto reached = reaching(weights, bounds_);
  std::array<uint64_t, size_count> sizes;
  sizes[0] = in_range & ~reached[0];
  for (size_t i = 1; i < size_count; ++i)
    sizes[i] = in_range & reached[i - 1] & ~(i < reached.size() ? reached[i] : 0);

  const uint64_t off = parent_.empty() ? 0 : ~load_map(parent_.subspan(first / 8));
  for (size_t group = 0; group < groups_; ++group) {
    const uint64_t in_group = in_group_[group][first % in_group_[group].size()];
    store_word(group * size_count, word, sizes, in_group & ~off);
    if (!parent_.empty()) store_word((groups_ + group) * size_count, word, sizes, in_group & off);
  }
}

void WeightClasses::store_word(size_t first_class, size_t word,
                               const std::array<uint64_t, size_count>& sizes, uint64_t selected) {
  for (size_t i = 0; i < size_count; ++i) {
    const uint64_t members = sizes[i] & selected;
    const uint32_t count = count_bits(members);
    maps_[(first_class + i) * words_ + word] = members;
    counts_[(first_class + i) * words_ + word] = static_cast<uint8_t>(count);
    totals_[first_class + i] += count;
  }
}

}  // namespace submask
