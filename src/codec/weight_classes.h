// Weights in classes, each a list of its own within a chunk: among weights of one size and, where
// that differs, one group of places in the kernel, being off is nearly independent of anything else
// that is quick to know. With a parent, those off in it are classes of their own.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "codec/magnitude.h"

namespace submask {

// Of each place in the kernel 0: no weight there is off; 1, 2: the group of places that it belongs
// to. Empty: all are of group 1.
using PlaceGroups = std::vector<uint8_t>;

class WeightClasses {
 public:
  static constexpr size_t by_size = 9, most = by_size * 2 * 2;  // groups, off in the parent or not
  static constexpr size_t keys = 2 * most;  // what of() gives; from count() on: of no class

  // `parent`: packed bits, or empty. What the spans show must outlive the classes.
  WeightClasses(std::span<const float> weights, std::span<const uint8_t> parent,
                const PlaceGroups& groups)
      : weights_(weights), parent_(parent) {
    constexpr std::array<int, by_size - 1> bounds = {20, 25, 27, 29, 30, 31, 33, 35};
    const MagnitudeScale scale(weights);
    for (size_t i = 0; i < bounds.size(); ++i)  // how many bounds a weight's bin reaches
      std::fill(class_of_size_.begin() + scale.first_key(bounds[i]), class_of_size_.end(),
                static_cast<uint8_t>(i + 1));
    for (const uint8_t group : groups) {
      class_of_place_.push_back(group == 0 ? most : (group - 1) * by_size);
      if (group == 2) off_in_parent_ = 2 * by_size;
    }
  }

  size_t count() const { return off_in_parent_ * (parent_.empty() ? 1 : 2); }
  size_t weights() const { return weights_.size(); }
  bool has_parent() const { return !parent_.empty(); }
  size_t places() const { return class_of_place_.size(); }  // 0: they do not count

  // Of weight i, whose place in the kernel is `place`.
  template <bool has_parent, bool by_place>
  size_t of(size_t i, size_t place) const {
    size_t number = class_of_size_[magnitude_key(weights_[i])];
    if constexpr (by_place) number += class_of_place_[place];
    if constexpr (has_parent) number += (parent_[i / 8] >> (i % 8) & 1) == 0 ? off_in_parent_ : 0;
    return number;
  }

 private:
  std::span<const float> weights_;
  std::span<const uint8_t> parent_;
  std::array<uint8_t, MagnitudeScale::keys> class_of_size_{};
  std::vector<size_t> class_of_place_;
  size_t off_in_parent_ = by_size;  // is so many classes further
};

// Positions of a chunk's weights, class by class, in order.
class ClassLists {
 public:
  static constexpr size_t chunk = 65536;  // weights at most: lists stay in the cache

  explicit ClassLists(const WeightClasses& classes)
      : classes_(classes),
        capacity_(std::min(chunk, classes.weights())),
        positions_(std::make_unique_for_overwrite<uint16_t[]>((classes.count() + 1) * capacity_)) {}

  void sort(size_t first) {
    if (classes_.places() == 0)
      classes_.has_parent() ? sort_by<true, false>(first) : sort_by<false, false>(first);
    else
      classes_.has_parent() ? sort_by<true, true>(first) : sort_by<false, true>(first);
  }

  std::span<const uint16_t> of_class(size_t number) const {
    return {positions_.get() + number * capacity_, sizes_[number]};
  }

 private:
  // Two halves at a time: a list's next place is known only after its last was taken, and of two
  // lists one can wait for the other. What is of no class is written past the last list, and over
  // and over.
  template <bool has_parent, bool by_place>
  void sort_by(size_t first) {
    const size_t count = std::min(chunk, classes_.weights() - first), half = count / 2;
    std::array<uint16_t*, WeightClasses::keys> lower{}, upper{};  // the next places
    for (size_t c = 0; c < lower.size(); ++c) {
      lower[c] = positions_.get() + std::min(c, classes_.count()) * capacity_;
      upper[c] = lower[c] + half;
    }
    const size_t places = std::max<size_t>(classes_.places(), 1);
    size_t place = first % places, upper_place = (first + half) % places;
    for (size_t i = 0; i < half; ++i) {
      *lower[classes_.of<has_parent, by_place>(first + i, place)]++ = static_cast<uint16_t>(i);
      *upper[classes_.of<has_parent, by_place>(first + half + i, upper_place)]++ =
          static_cast<uint16_t>(half + i);
      if constexpr (by_place) {
        if (++place == places) place = 0;
        if (++upper_place == places) upper_place = 0;
      }
    }
    if (count % 2 == 1)
      *upper[classes_.of<has_parent, by_place>(first + count - 1, upper_place)]++ =
          static_cast<uint16_t>(count - 1);
    for (size_t c = 0; c < classes_.count(); ++c) {
      uint16_t* const begin = positions_.get() + c * capacity_;
      sizes_[c] = static_cast<size_t>(std::copy(begin + half, upper[c], lower[c]) - begin);
    }
  }

  const WeightClasses& classes_;
  size_t capacity_;
  std::unique_ptr<uint16_t[]> positions_;
  std::array<size_t, WeightClasses::most> sizes_{};
};

}  // namespace submask
