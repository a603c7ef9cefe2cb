// How an image becomes a network's input.
#pragma once

#include <array>
#include <cstdint>

namespace submask {

// How images are resized, antialiased as Pillow does.
enum class Interpolation { bicubic, bilinear };
constexpr auto names_of(Interpolation) { return std::array{"bicubic", "bilinear"}; }

// What is resized to the length L = input_size / crop_share, rounded down, before the centre of
// input_size is cut out:
//   shortest  the shorter side, the other one in proportion
//   squash    both sides, whatever their proportion (timm's crop_mode squash, transformers' size of
//             height and width)
//   border    the longer side, the other one in proportion; `fill` is around the image (timm's
//             crop_mode border, open_clip's resize_mode longest)
//   none      nothing; `fill` is around a smaller image (transformers' do_resize false)
enum class ResizeMode { shortest, squash, border, none };
constexpr auto names_of(ResizeMode) { return std::array{"shortest", "squash", "border", "none"}; }

// Where the centre lies when half a pixel is left over: at the even one, as in torchvision, or at
// the one before, as in transformers.
enum class CropOffset { even, down };
constexpr auto names_of(CropOffset) { return std::array{"even", "down"}; }

// The image is resized, its centre is cut out, values are scaled to [0, 1], and each colour (red,
// green, blue) becomes (x - mean) / std.
struct Preprocessing {
  int64_t input_size = 224;  // pixels, the side of a square
  double crop_share = 1.0;   // (0, 1]
  Interpolation interpolation = Interpolation::bicubic;
  std::array<double, 3> mean{0.485, 0.456, 0.406};
  std::array<double, 3> std{0.229, 0.224, 0.225};
  ResizeMode resize = ResizeMode::shortest;
  CropOffset crop_offset = CropOffset::even;
  std::array<int, 3> fill{0, 0, 0};  // red, green and blue, 0 ... 255
  bool operator==(const Preprocessing&) const = default;
};

}  // namespace submask
