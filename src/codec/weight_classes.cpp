#include "codec/weight_classes.h"

#include <algorithm>

#include "codec/key_bounds.h"

namespace submask {
namespace {

std::vector<uint64_t> words_in_group(const PlaceGroups& groups, uint8_t group) {
  const size_t places = groups.size();
  std::vector<uint64_t> words(places);
  for (size_t j = 0; j < map_weights; ++j)
    words[0] |= static_cast<uint64_t>(groups[j % places] == group) << j;
  for (size_t place = places; place-- > 1;)  // one further than the word a place later
    words[place] = words[(place + 1) % places] << 1 | static_cast<uint64_t>(groups[place] == group);
  return words;
}

}  // namespace

WeightClasses::WeightClasses(std::span<const float> weights, std::span<const uint8_t> parent,
                             const PlaceGroups& groups)
    : weights_(weights), parent_(parent), words_(map_words(std::min(chunk, weights.size()))) {
  constexpr std::array<int, by_size - 1> bins = {20, 25, 27, 29, 30, 31, 33, 35};
  const MagnitudeScale scale(weights);
  for (size_t i = 0; i < bins.size(); ++i) bounds_[i] = scale.first_key(bins[i]);
  if (std::ranges::find(groups, 2) != groups.end()) groups_ = 2;
  for (size_t group = 0; group < groups_; ++group)
    in_group_[group] = groups.empty() ? std::vector{~uint64_t{0}}
                                      : words_in_group(groups, static_cast<uint8_t>(group + 1));
  maps_ = std::make_unique_for_overwrite<uint64_t[]>(count() * words_);
  counts_ = std::make_unique_for_overwrite<uint8_t[]>(count() * words_);
}

WeightClasses::Members WeightClasses::of_class(size_t number) const {
  return {{&maps_[number * words_], found_words_},
          {&counts_[number * words_], found_words_},
          totals_[number]};
}

void WeightClasses::find(size_t first) {
  found_words_ = map_words(std::min(chunk, weights_.size() - first));
  totals_ = {};
  for (size_t word = 0; word < found_words_; ++word) find_word(first + word * map_weights, word);
}

void WeightClasses::find_word(size_t first, size_t word) {
  const size_t count = std::min(map_weights, weights_.size() - first);
  const uint64_t all = first_bits(count);
  const float* weights = &weights_[first];
  std::array<float, map_weights> padded{};
  if (count < map_weights) {
    std::copy_n(weights, count, padded.data());
    weights = padded.data();
  }
  const auto reached = reaching(weights, bounds_);
  std::array<uint64_t, by_size> sizes;
  sizes[0] = all & ~reached[0];
  for (size_t i = 1; i < by_size; ++i)
    sizes[i] = all & reached[i - 1] & ~(i < reached.size() ? reached[i] : 0);

  const uint64_t off = parent_.empty() ? 0 : ~load_map(parent_.subspan(first / 8));
  for (size_t group = 0; group < groups_; ++group) {
    const uint64_t in_group = in_group_[group][first % in_group_[group].size()];
    add(group * by_size, word, sizes, in_group & ~off);
    if (!parent_.empty()) add((groups_ + group) * by_size, word, sizes, in_group & off);
  }
}

void WeightClasses::add(size_t number, size_t word, const std::array<uint64_t, by_size>& sizes,
                        uint64_t which) {
  for (size_t i = 0; i < by_size; ++i) {
    const uint64_t members = sizes[i] & which;
    const uint32_t count = count_bits(members);
    maps_[(number + i) * words_ + word] = members;
    counts_[(number + i) * words_ + word] = static_cast<uint8_t>(count);
    totals_[number + i] += count;
  }
}

}  // namespace submask
