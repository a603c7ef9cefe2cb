// Reading an image where one that does not decode is something to note, not the end.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <submask/error.h>

#include "data/set/dataset_report.h"

namespace submask {

// Gathered from several threads.
class UnreadableImages {
 public:
  void add(int64_t place, UnreadableImage image) {
    const std::lock_guard lock(mutex_);
    by_place_.emplace(place, std::move(image));
  }

  std::vector<UnreadableImage> in_order() const {
    const std::lock_guard lock(mutex_);
    std::vector<UnreadableImage> images;
    for (const auto& [place, image] : by_place_) images.push_back(image);
    return images;
  }

 private:
  mutable std::mutex mutex_;
  std::map<int64_t, UnreadableImage> by_place_;
};

// Image `index`, or nothing once it is noted at `place` of `unreadable`.
inline std::optional<Image> read_one_image(const Dataset& dataset, int64_t index, int64_t place,
                                           UnreadableImages& unreadable) {
  try {
    return dataset.image(index);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt_file && error.kind() != ErrorKind::io) throw;
    unreadable.add(place, {dataset.image_name(index), error.what()});
    return std::nullopt;
  }
}

}  // namespace submask
