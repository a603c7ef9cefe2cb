// How an image becomes a network's input.
#pragma once

#include <array>
#include <cstdint>

namespace submask {

// How images are resized, antialiased as Pillow does.
enum class Interpolation { bicubic, bilinear };
constexpr auto names_of(Interpolation) { return std::array{"bicubic", "bilinear"}; }

// The shorter side is resized to `input_size` / `crop_share`, the centre of `input_size` is
// cropped, values are scaled to [0, 1], and each colour (red, green, blue) becomes (x - mean) /
// std.
struct Preprocessing {
  int64_t input_size = 224;  // pixels, the side of a square
  double crop_share = 1.0;   // (0, 1]
  Interpolation interpolation = Interpolation::bicubic;
  std::array<double, 3> mean{0.485, 0.456, 0.406};
  std::array<double, 3> std{0.229, 0.224, 0.225};
  bool operator==(const Preprocessing&) const = default;
};

}  // namespace submask
