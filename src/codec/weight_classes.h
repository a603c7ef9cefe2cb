// Sorts weights into classes by their size and by the group of their position in the kernel. In a
// class, whether a weight is off is nearly independent of anything else that is quick to know. With
// a parent, weights that are off in it have classes of their own.
//
// Classes are found for one chunk of weights at a time. The members of a class are a map of one bit
// a weight, so that they are found, counted and skipped 64 weights at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "codec/bit_map.h"

namespace submask {

// The group of each position in the kernel: 1 or 2, or 0 where no weight at the position is off.
// Empty: all positions are in group 1.
using PositionGroups = std::vector<uint8_t>;

class WeightClasses {
 public:
  static constexpr size_t size_count = 9;
  static constexpr size_t most_classes = size_count * 2 * 2;  // 2 groups; off in the parent or not
  static constexpr size_t chunk = 65536;  // weights; the last chunk may have fewer

  // The members of a class in a chunk: bit j of word i is set where weight 64 i + j is one.
  struct Members {
    std::span<const uint64_t> map;
    std::span<const uint8_t> counts;  // of the set bits of each word
    uint32_t count;                   // of all members
  };

  // `parent` holds packed bits or is empty. The memory of both spans must outlive this object.
  WeightClasses(std::span<const float> weights, std::span<const uint8_t> parent,
                const PositionGroups& groups);

  size_t count() const { return groups_ * size_count * (parent_.empty() ? 1 : 2); }
  size_t weights() const { return weights_.size(); }
  size_t words() const { return words_; }  // of the longest chunk

  // Finds the members of all classes in the chunk that begins at weight `first`, a multiple
  // of `chunk`.
  void find(size_t first);
  // The members that find() found last.
  Members members(size_t class_index) const;

 private:
  void find_word(size_t first, size_t word);
  // Stores one word of the classes first_class ... first_class + size_count - 1: the weights of
  // each size that are also in `selected`.
  void store_word(size_t first_class, size_t word, const std::array<uint64_t, size_count>& sizes,
                  uint64_t selected);

  std::span<const float> weights_;
  std::span<const uint8_t> parent_;
  size_t groups_ = 1;
  std::array<int, size_count - 1> bounds_{};  // between sizes, as keys (magnitude.h)
  // in_group_[group][position] is a map of the weights of a word that are in the group, for a word
  // that begins at this position in the kernel. Without groups there is one map, with all bits set.
  std::array<std::vector<uint64_t>, 2> in_group_;
  size_t words_;
  std::unique_ptr<uint64_t[]> maps_;
  std::unique_ptr<uint8_t[]> counts_;
  std::array<uint32_t, most_classes> totals_{};
  size_t found_words_ = 0;
};

}  // namespace submask
