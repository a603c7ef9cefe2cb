// A data set in memory that a network can learn: each class is a colour, with noise.
#pragma once

#include <submask/dataset.h>

#include "base/random.h"

namespace submask {

class ToyDataset : public Dataset {
 public:
  ToyDataset(int64_t size, uint64_t seed) : size_(size), seed_(seed) {}

  int64_t size() const override { return size_; }
  int64_t label(int64_t index) const override { return index % 3; }
  Image read(int64_t index, const ImageRequest&) const override {
    Random random({seed_, static_cast<uint64_t>(index)});
    Image image{32, 32, std::vector<uint8_t>(size_t{32} * 32 * 3)};
    for (size_t i = 0; i < image.pixels.size(); ++i) {
      const bool bright = static_cast<int64_t>(i % 3) == label(index);
      image.pixels[i] = static_cast<uint8_t>((bright ? 120 : 60) + random.below(80));
    }
    return image;
  }
  std::string image_name(int64_t index) const override { return "toy#" + std::to_string(index); }
  const std::vector<std::string>& class_names() const override { return names_; }
  std::string digest() const override {
    return "toy" + std::to_string(size_) + "-" + std::to_string(seed_);
  }

 private:
  int64_t size_;
  uint64_t seed_;
  std::vector<std::string> names_ = {"red", "green", "blue"};
};

inline DataSplits toy_splits(uint64_t seed = 1, bool validation = false) {
  DataSplits data;
  data.train = std::make_shared<ToyDataset>(48, seed);
  data.test = std::make_shared<ToyDataset>(24, seed + 100);
  if (validation) data.validation = std::make_shared<ToyDataset>(24, seed + 200);
  return data;
}

}  // namespace submask
