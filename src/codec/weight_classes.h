// Weights in classes: among weights of one size and, where that differs, one group of places in the
// kernel, being off is nearly independent of anything else that is quick to know. With a parent,
// those off in it are classes of their own.
//
// A chunk of weights at a time, each class is a map of its members, one bit a weight: they are
// found, counted and passed over 64 weights at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "codec/bit_map.h"

namespace submask {

// Of each place in the kernel 0: no weight there is off; 1, 2: the group of places that it belongs
// to. Empty: all are of group 1.
using PlaceGroups = std::vector<uint8_t>;

class WeightClasses {
 public:
  static constexpr size_t by_size = 9, most = by_size * 2 * 2;  // groups, off in the parent or not
  static constexpr size_t chunk = 65536;                        // weights at most

  // Of a chunk, by words of 64 weights: bit j of word i is weight 64 i + j.
  struct Members {
    std::span<const uint64_t> map;
    std::span<const uint8_t> counts;  // of a word's bits
    uint32_t count;
  };

  // `parent`: packed bits, or empty. What the spans show must outlive the classes.
  WeightClasses(std::span<const float> weights, std::span<const uint8_t> parent,
                const PlaceGroups& groups);

  size_t count() const { return groups_ * by_size * (parent_.empty() ? 1 : 2); }
  size_t weights() const { return weights_.size(); }
  size_t words() const { return words_; }  // of a chunk, at most

  // Finds the members of all classes among the weights from `first` on, a multiple of `chunk`.
  void find(size_t first);
  Members of_class(size_t number) const;

 private:
  void find_word(size_t first, size_t word);
  // Of these, by size, those in `which` as members of the classes from `number` on.
  void add(size_t number, size_t word, const std::array<uint64_t, by_size>& sizes, uint64_t which);

  std::span<const float> weights_;
  std::span<const uint8_t> parent_;
  size_t groups_ = 1;
  std::array<int, by_size - 1> bounds_{};  // of sizes
  // By group and the place in the kernel that a word begins at: which of its weights are in the
  // group. Without groups, one place and all.
  std::array<std::vector<uint64_t>, 2> in_group_;
  size_t words_;
  std::unique_ptr<uint64_t[]> maps_;
  std::unique_ptr<uint8_t[]> counts_;
  std::array<uint32_t, most> totals_{};
  size_t found_words_ = 0;
};

}  // namespace submask
