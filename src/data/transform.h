// From an image of any size to the S x S pixels a network sees.
#pragma once

#include <cstdint>
#include <span>

#include <submask/dataset.h>
#include <submask/loader.h>

#include "base/random.h"
#include "data/resize.h"

namespace submask {

struct CropBox {
  int left = 0, top = 0, width = 0, height = 0;
  bool operator==(const CropBox&) const = default;
};

// torchvision's RandomResizedCrop: ten tries at a box of `scale_min`...1 of the area with a
// log-uniform aspect ratio of 3/4...4/3, then the largest central box of an allowed ratio.
CropBox random_crop_box(int width, int height, double scale_min, Random& random);

// Throws invalid_argument naming the field that is out of range.
void check_transform(const Transform& transform);

// Applies one checked Transform again and again. Keeps buffers: one thread at a time.
class Transformer {
 public:
  explicit Transformer(Transform transform);

  // Writes uint8 [3, S, S]. Draws from `random` in training only, and then the same number of
  // values whatever the image (but for random_crop_box).
  void apply(const Image& image, Random& random, std::span<uint8_t> out);

 private:
  ImageView resize_centre(const ImageView& image);
  ImageView resize_box(const ImageView& image, const CropBox& box);

  Transform transform_;
  Filter filter_;
  Resizer resizer_;
};

}  // namespace submask
