// Pillow's GaussianBlur of 8-bit RGB, bit for bit.
//
// Three box blurs along the rows, then three along the columns, each rounded to 8 bits. A box has a
// fractional radius: its two outermost pixels count in part (Gwosdek and others 2011, "Theoretical
// foundations of Gaussian convolution by extended box filtering"). Pixels outside repeat the edge.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "image/resize.h"

namespace submask {

// Keeps its buffers between calls, so only one thread may use it at a time.
class GaussianBlur {
 public:
  // `sigma` is in pixels (Pillow's `radius`), 0 ... 1000; throws invalid_argument otherwise. Writes
  // height x width x 3 without gaps to `out`, which may be the memory of a source without gaps.
  void blur(const ImageView& source, float sigma, std::span<uint8_t> out);

 private:
  void blur_tile(int length, float radius);

  std::vector<uint8_t> tile_, passed_;
};

}  // namespace submask
