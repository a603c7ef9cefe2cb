// From an image of any size to the S x S pixels that a network sees. Drawing at random (CropDraw)
// and changing pixels (Transformer) are apart.
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

// The random choices for one crop.
struct CropDraw {
  std::optional<CropBox> box;  // nothing: the centre, as for a test image
  int dx = 0, dy = 0;          // shift of the crop from the middle of the padded image
  bool mirrored = false;
  std::optional<ColourJitter> jitter;
  bool grey = false;
  std::optional<float> blur_sigma;  // pixels
  bool solarise = false;
};

// Draws the same number of random numbers for every image, except for random_crop_box.
CropDraw draw_crop(const CropRecipe& recipe, int width, int height, Random& random);

// Throws invalid_argument naming the field that is out of range.
void check_transform(const Transform& transform);

// The kinds of crops of a checked transform, each with its size. The test transform has one kind,
// without any variation.
std::vector<CropRecipe> crop_kinds(const Transform& transform);

// Whether (nearly) all crops of a kind show the same part of an image. A random box with the area
// of the whole image hardly ever fits, and then central_crop_box() is taken.
bool has_fixed_geometry(const CropRecipe& recipe);

// With fast_decode, ImageRequest::shorter_side for reading images for the transform; otherwise 0.
int64_t shorter_side(const Transform& transform);

// Makes crops of images. Keeps buffers, so only one thread may use it at a time.
class Transformer {
 public:
  explicit Transformer(const Preprocessing& preprocessing);

  // cut(), then vary(). Writes uint8 [size, size, 3].
  void apply(const Image& image, const CropDraw& draw, int64_t size, std::span<uint8_t> out);

  // Resizes the box; without one the centre, as for a test image.
  void cut(const Image& image, const std::optional<CropBox>& box, bool mirrored, int64_t size,
           std::span<uint8_t> out);

  // The pixels of a width x height image that cut() reads.
  CropBox part_read(int width, int height, const std::optional<CropBox>& box, int64_t size) const;

  // Takes the other steps of the draw in place; cut() has mirrored already.
  void vary(const CropDraw& draw, int64_t size, std::span<uint8_t> out);

 private:
  // The centre of one side of a width x height image. Fewer than `size` pixels of an image that is
  // smaller.
  ResizeAxis centre_axis(int length, int width, int height, int64_t size) const;
  void cut_centre(const Image& image, bool mirrored, int64_t size, std::span<uint8_t> out);

  Preprocessing preprocessing_;
  Filter filter_;
  Resizer resizer_;
  GaussianBlur blur_;
  std::vector<uint8_t> smaller_;  // a centre that does not fill the input
};

}  // namespace submask
