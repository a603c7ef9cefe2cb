#include "data/transform.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/fail.h"

namespace submask {
namespace {

constexpr int64_t largest_input = 4096;

void require(bool valid, const char* expected, double got) {
  if (!valid) fail_argument(expected, got);
}

// Where the crop of the padded image lies, (0, 0) in its middle, and whether it is mirrored.
struct Placement {
  int dx = 0, dy = 0;
  bool mirrored = false;
};

// The S x S pixels of `source` so placed, black where they end, as three planes.
void write_planes(const ImageView& source, const Placement& place, std::span<uint8_t> out) {
  const int size = source.width;
  const size_t plane = static_cast<size_t>(size) * static_cast<size_t>(size);
  if (place.dx != 0 || place.dy != 0) std::memset(out.data(), 0, out.size());
  const int first_x = std::max(0, -place.dx), last_x = std::min(size, size - place.dx);
  const int first_y = std::max(0, -place.dy), last_y = std::min(size, size - place.dy);
  for (int y = first_y; y < last_y; ++y) {
    const uint8_t* pixel = source.row(y + place.dy) + ptrdiff_t{3} * (first_x + place.dx);
    uint8_t* target = out.data() + static_cast<ptrdiff_t>(y) * size;
    const ptrdiff_t step = place.mirrored ? -1 : 1;
    ptrdiff_t x = place.mirrored ? size - 1 - first_x : first_x;
    for (int n = first_x; n < last_x; ++n, pixel += 3, x += step) {
      target[x] = pixel[0];
      target[x + static_cast<ptrdiff_t>(plane)] = pixel[1];
      target[x + 2 * static_cast<ptrdiff_t>(plane)] = pixel[2];
    }
  }
}

// torchvision's CenterCrop rounds halves to even.
int64_t centre_offset(int64_t length, int64_t size) {
  return static_cast<int64_t>(std::nearbyint(static_cast<double>(length - size) / 2.0));
}

}  // namespace

CropBox random_crop_box(int width, int height, double scale_min, Random& random) {
  constexpr double ratio_min = 3.0 / 4.0, ratio_max = 4.0 / 3.0;
  const double area = static_cast<double>(width) * height;
  const auto between = [&](double low, double high) {
    return low + (high - low) * random.uniform();
  };
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double target = area * between(scale_min, 1.0);
    const double ratio = std::exp(between(std::log(ratio_min), std::log(ratio_max)));
    const double w = std::nearbyint(std::sqrt(target * ratio));
    const double h = std::nearbyint(std::sqrt(target / ratio));
    if (w < 1 || w > width || h < 1 || h > height) continue;
    CropBox box{0, 0, static_cast<int>(w), static_cast<int>(h)};
    box.top = static_cast<int>(random.below(static_cast<uint64_t>(height - box.height) + 1));
    box.left = static_cast<int>(random.below(static_cast<uint64_t>(width - box.width) + 1));
    return box;
  }
  const double ratio = static_cast<double>(width) / height;
  CropBox box{0, 0, width, height};
  if (ratio < ratio_min) box.height = static_cast<int>(std::nearbyint(width / ratio_min));
  if (ratio > ratio_max) box.width = static_cast<int>(std::nearbyint(height * ratio_max));
  box.top = (height - box.height) / 2;
  box.left = (width - box.width) / 2;
  return box;
}

void check_transform(const Transform& transform) {
  const Preprocessing& steps = transform.preprocessing;
  require(steps.input_size >= 1 && steps.input_size <= largest_input,
          "an input size of 1 to 4096 pixels", static_cast<double>(steps.input_size));
  require(steps.crop_share >= 0.01 && steps.crop_share <= 1, "a crop share of .01 to 1",
          steps.crop_share);
  if (steps.interpolation != "bicubic" && steps.interpolation != "bilinear")
    fail_argument("the interpolation bicubic or bilinear", steps.interpolation);
  require(transform.crop_scale_min > 0 && transform.crop_scale_min <= 1,
          "a smallest crop scale above 0 and at most 1", transform.crop_scale_min);
  require(transform.pad >= 0 && transform.pad <= steps.input_size,
          "padding of 0 to input-size pixels", static_cast<double>(transform.pad));
}

Transformer::Transformer(Transform transform) : transform_(std::move(transform)) {
  check_transform(transform_);
  filter_ =
      transform_.preprocessing.interpolation == "bicubic" ? Filter::bicubic : Filter::bilinear;
}

// Only the centre that is kept is computed, however long the other side becomes.
ImageView Transformer::resize_centre(const ImageView& image) {
  const int64_t size = transform_.preprocessing.input_size;
  const auto shorter = static_cast<int64_t>(
      std::floor(static_cast<double>(size) / transform_.preprocessing.crop_share));
  const int smallest = std::min(image.width, image.height);
  const auto axis = [&](int length) {
    const int64_t resized = length == smallest ? shorter : shorter * length / smallest;
    return ResizeAxis{0, static_cast<float>(length), resized, centre_offset(resized, size),
                      static_cast<int>(size)};
  };
  return resizer_.resize(image, axis(image.width), axis(image.height), filter_);
}

ImageView Transformer::resize_box(const ImageView& image, const CropBox& box) {
  const int size = static_cast<int>(transform_.preprocessing.input_size);
  return resizer_.resize(image.crop(box.left, box.top, box.width, box.height),
                         whole_axis(box.width, size), whole_axis(box.height, size), filter_);
}

void Transformer::apply(const Image& image, Random& random, std::span<uint8_t> out) {
  const ImageView view = view_of(image);
  if (!transform_.train) return write_planes(resize_centre(view), {}, out);
  const double scale_min = transform_.crop_scale_min;
  const ImageView square =
      scale_min < 1 ? resize_box(view, random_crop_box(view.width, view.height, scale_min, random))
                    : resize_centre(view);
  Placement place;
  if (const int pad = static_cast<int>(transform_.pad); pad > 0) {
    place.dx = static_cast<int>(random.below(static_cast<uint64_t>(2 * pad) + 1)) - pad;
    place.dy = static_cast<int>(random.below(static_cast<uint64_t>(2 * pad) + 1)) - pad;
  }
  if (transform_.flip) place.mirrored = random.uniform() < 0.5;
  write_planes(square, place, out);
}

}  // namespace submask
