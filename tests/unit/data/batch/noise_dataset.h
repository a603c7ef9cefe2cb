// Noise images of several sizes, counted as they are read; the chosen ones do not decode, the slow
// ones take a while.
#pragma once

#include <atomic>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <submask/dataset.h>

#include "base/fail.h"
#include "data/data_fixtures.h"

namespace submask {

class NoiseDataset final : public Dataset {
 public:
  explicit NoiseDataset(int64_t size, std::set<int64_t> bad = {})
      : size_(size), bad_(std::move(bad)) {}

  int64_t size() const override { return size_; }
  int64_t label(int64_t index) const override { return index % 3; }
  std::string image_name(int64_t index) const override { return text("noise#", index); }
  const std::vector<std::string>& class_names() const override { return names_; }
  std::string digest() const override { return "noise"; }
  Image read(int64_t index, const ImageRequest&) const override {
    ++images_read;
    if (bad_.contains(index)) fail_corrupt("an image", "noise", image_name(index));
    if (delay.count() > 0) std::this_thread::sleep_for(delay);
    return noise_image(static_cast<uint64_t>(index), 10 + static_cast<int>(index % 7), 12);
  }

  mutable std::atomic<int> images_read = 0;
  std::chrono::milliseconds delay{0};

 private:
  int64_t size_;
  std::set<int64_t> bad_;
  std::vector<std::string> names_{"a", "b", "c"};
};

}  // namespace submask
