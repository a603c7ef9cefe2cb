// Names of the images that were damaged and decoded all the same, noted by whichever thread reads
// them.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <submask/image.h>

#include "base/natural_order.h"

namespace submask {

class DamagedImages {
 public:
  // Notes an image that is damaged, and gives it on.
  Image noted(Image image, const std::string& name) const {
    if (!image.damage.empty()) {
      const std::lock_guard lock(mutex_);
      names_.insert(name);
    }
    return image;
  }

  std::vector<std::string> names() const {
    const std::lock_guard lock(mutex_);
    return {names_.begin(), names_.end()};
  }

 private:
  mutable std::mutex mutex_;
  mutable std::set<std::string, NaturalOrder> names_;
};

}  // namespace submask
