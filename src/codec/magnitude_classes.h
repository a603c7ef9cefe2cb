// Weights in classes of magnitude, each a list of its own within a chunk: where weights are of one
// size, being off is nearly independent of anything else that is quick to know. With a parent,
// those off in it are classes of their own.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "codec/magnitude.h"

namespace submask {

class MagnitudeClasses {
 public:
  static constexpr size_t by_size = 9, most = 2 * by_size;

  // `parent`: packed bits, or empty.
  MagnitudeClasses(std::span<const float> weights, std::span<const uint8_t> parent)
      : weights_(weights), parent_(parent) {
    constexpr std::array<int, by_size - 1> bounds = {20, 25, 27, 29, 30, 31, 33, 35};
    const MagnitudeScale scale(weights);
    for (size_t i = 0; i < bounds.size();
         ++i)  // the class is how many bounds a weight's bin reaches
      std::fill(class_of_key_.begin() + scale.first_key(bounds[i]), class_of_key_.end(),
                static_cast<uint8_t>(i + 1));
  }

  size_t count() const { return parent_.empty() ? by_size : most; }
  size_t weights() const { return weights_.size(); }

  template <bool has_parent>
  size_t of(size_t i) const {
    const size_t size = class_of_key_[magnitude_key(weights_[i])];
    if constexpr (!has_parent) return size;
    return size + ((parent_[i / 8] >> (i % 8) & 1) == 0 ? by_size : 0);
  }

 private:
  std::span<const float> weights_;
  std::span<const uint8_t> parent_;
  std::array<uint8_t, MagnitudeScale::keys> class_of_key_{};
};

// Positions of a chunk's weights, class by class, in order.
class ClassLists {
 public:
  static constexpr size_t chunk = 65536;  // weights at most: lists stay in the cache

  explicit ClassLists(const MagnitudeClasses& classes)
      : classes_(classes),
        capacity_(std::min(chunk, classes.weights())),
        positions_(std::make_unique_for_overwrite<uint16_t[]>(classes.count() * capacity_)) {}

  void sort(size_t first) {
    if (classes_.count() == MagnitudeClasses::by_size)
      sort_by<false>(first);
    else
      sort_by<true>(first);
  }

  std::span<const uint16_t> of_class(size_t number) const {
    return {positions_.get() + number * capacity_, sizes_[number]};
  }

 private:
  // Two halves at a time: a list's next place is known only after its last was taken, and of two
  // lists one can wait for the other.
  template <bool has_parent>
  void sort_by(size_t first) {
    const size_t count = std::min(chunk, classes_.weights() - first), half = count / 2;
    std::array<uint16_t*, MagnitudeClasses::most> lower{}, upper{};  // the next places
    for (size_t c = 0; c < classes_.count(); ++c) {
      lower[c] = positions_.get() + c * capacity_;
      upper[c] = lower[c] + half;
    }
    for (size_t i = 0; i < half; ++i) {
      *lower[classes_.of<has_parent>(first + i)]++ = static_cast<uint16_t>(i);
      *upper[classes_.of<has_parent>(first + half + i)]++ = static_cast<uint16_t>(half + i);
    }
    if (count % 2 == 1)
      *upper[classes_.of<has_parent>(first + count - 1)]++ = static_cast<uint16_t>(count - 1);
    for (size_t c = 0; c < classes_.count(); ++c) {
      uint16_t* const begin = positions_.get() + c * capacity_;
      sizes_[c] = static_cast<size_t>(std::copy(begin + half, upper[c], lower[c]) - begin);
    }
  }

  const MagnitudeClasses& classes_;
  size_t capacity_;
  std::unique_ptr<uint16_t[]> positions_;
  std::array<size_t, MagnitudeClasses::most> sizes_{};
};

}  // namespace submask
