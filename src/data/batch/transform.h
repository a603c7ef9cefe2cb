// From an image of any size to the S x S pixels a network sees: what chance decides and what is
// done to the pixels, apart.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <submask/dataset.h>
#include <submask/loader.h>

#include "base/random.h"
#include "image/colour_jitter.h"
#include "image/gaussian_blur.h"
#include "image/resize.h"

namespace submask {

// The largest box in the middle whose aspect ratio is 3/4...4/3.
CropBox central_crop_box(int width, int height);

// torchvision's RandomResizedCrop: ten tries at a box of `scale_min`...`scale_max` of the area with
// a log-uniform aspect ratio of 3/4...4/3, then central_crop_box().
CropBox random_crop_box(int width, int height, const CropRecipe& recipe, Random& random);

// What chance decided for one crop.
struct CropDraw {
  std::optional<CropBox> box;  // none: the centre, as a test image
  int dx = 0, dy = 0;          // where the crop of the padded image lies, (0, 0) in its middle
  bool mirrored = false;
  std::optional<ColourJitter> jitter;
  bool grey = false;
  std::optional<float> blur_sigma;  // pixels
  bool solarise = false;
};

// Takes as many draws for every image and outcome (but for random_crop_box).
CropDraw draw_crop(const CropRecipe& recipe, int width, int height, Random& random);

// Throws invalid_argument naming the field that is out of range.
void check_transform(const Transform& transform);

// The kinds of crops of a checked transform, each with its size: one without any variation for the
// test transform.
std::vector<CropRecipe> crop_kinds(const Transform& transform);

// Whether all crops of a kind show the same part of an image, or nearly all: a random box of all
// the area hardly ever fits, which leaves central_crop_box().
bool has_fixed_geometry(const CropRecipe& recipe);

// What a reader of images may leave out under fast_decode: see ImageRequest. Otherwise 0.
int64_t shorter_side(const Transform& transform);

// Makes crops of images. Keeps buffers: one thread at a time.
class Transformer {
 public:
  explicit Transformer(const Preprocessing& preprocessing);

  // Writes uint8 [size, size, 3]: cut(), then vary().
  void apply(const Image& image, const CropDraw& draw, int64_t size, std::span<uint8_t> out);

  // The box (none: the centre, as a test image), resized.
  void cut(const Image& image, const std::optional<CropBox>& box, bool mirrored, int64_t size,
           std::span<uint8_t> out);

  // The pixels of a width x height image that cut() reads.
  CropBox part_read(int width, int height, const std::optional<CropBox>& box, int64_t size) const;

  // The draw's steps after that, in place; mirroring is cut()'s.
  void vary(const CropDraw& draw, int64_t size, std::span<uint8_t> out);

 private:
  ResizeAxis centre_axis(int length, int smallest, int64_t size) const;

  Preprocessing preprocessing_;
  Filter filter_;
  Resizer resizer_;
  GaussianBlur blur_;
};

}  // namespace submask
