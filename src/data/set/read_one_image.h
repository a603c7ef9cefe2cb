// Reads images where one that does not decode is noted and does not end the work.
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

// Collects them from several threads.
class UnreadableImages {
 public:
  void add(int64_t rank, UnreadableImage image) {
    const std::lock_guard lock(mutex_);
    by_rank_.emplace(rank, std::move(image));
  }

  std::vector<UnreadableImage> in_order() const {
    const std::lock_guard lock(mutex_);
    std::vector<UnreadableImage> images;
    for (const auto& [rank, image] : by_rank_) images.push_back(image);
    return images;
  }

 private:
  mutable std::mutex mutex_;
  std::map<int64_t, UnreadableImage> by_rank_;
};

// The image of this index; or nothing, and the image is noted in `unreadable`, where `rank` sorts
// it. One that is damaged is noted in `damaged`.
inline std::optional<Image> read_one_image(const Dataset& dataset, int64_t index, int64_t rank,
                                           UnreadableImages& unreadable,
                                           UnreadableImages& damaged) {
  try {
    Image image = dataset.image(index);
    if (!image.damage.empty()) damaged.add(rank, {dataset.image_name(index), image.damage});
    return image;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt_file && error.kind() != ErrorKind::io) throw;
    unreadable.add(rank, {dataset.image_name(index), error.what()});
    return std::nullopt;
  }
}

}  // namespace submask
