// Seeded noise images of three classes, one of which may fail to decode.
#pragma once

#include <string>
#include <vector>

#include <submask/dataset.h>

#include "base/fail.h"
#include "base/random.h"

namespace submask {

class NoiseImages : public Dataset {
 public:
  explicit NoiseImages(int64_t size, int64_t broken = -1,
                       std::vector<std::string> names = {"a", "b", "c"})
      : size_(size), broken_(broken), names_(std::move(names)) {}
  int64_t size() const override { return size_; }
  int64_t label(int64_t index) const override { return index % 3; }
  Image read(int64_t index, const ImageRequest&) const override {
    if (index == broken_) fail_corrupt("an image", "noise", image_name(index));
    Image image{32, 32, std::vector<uint8_t>(32 * 32 * 3)};
    Random random({5, static_cast<uint64_t>(index)});
    for (uint8_t& pixel : image.pixels) pixel = static_cast<uint8_t>(random.below(256));
    return image;
  }
  std::string image_name(int64_t index) const override { return "noise#" + std::to_string(index); }
  const std::vector<std::string>& class_names() const override { return names_; }
  std::string digest() const override { return "noise " + std::to_string(size_); }

 private:
  int64_t size_;
  int64_t broken_;
  std::vector<std::string> names_;
};

}  // namespace submask
