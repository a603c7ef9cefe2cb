#include "image/gaussian_blur.h"

#include <algorithm>
#include <cmath>

#include "base/fail.h"
#include "base/vectorised.h"
#include "image/pixel_tile.h"

namespace submask {
namespace {

// Rows and columns are both blurred tile by tile: one loop over the lanes advances the running sums
// of sixteen lines.
constexpr int lines = tile_lines, lanes = tile_lanes;
constexpr int passes = 3;

// The radius of the box that has the variance of the Gaussian when it is applied three times, with
// Pillow's rounding.
float box_radius(float sigma) {
  const float variance = sigma * sigma / static_cast<float>(passes);
  const auto length = static_cast<float>(std::sqrt(12.0 * static_cast<double>(variance) + 1.0));
  const auto whole = static_cast<float>(std::floor((static_cast<double>(length) - 1.0) / 2.0));
  const float part = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance) /
                     (6 * (variance - (whole + 1) * (whole + 1)));
  return whole + part;
}

// The weights, in 24-bit fixed point, of each of the 2 * reach + 1 inner pixels and of the two
// outermost ones.
struct Box {
  int reach = 0;
  uint32_t inner = 0, outer = 0;
};

Box box_of(float radius) {
  constexpr uint32_t one = 1U << 24;
  const int reach = static_cast<int>(radius);
  const auto inner = static_cast<uint32_t>(static_cast<float>(one) / (radius * 2 + 1));
  return {reach, inner, (one - static_cast<uint32_t>(reach * 2 + 1) * inner) / 2};
}

// `sums` must be those of the box around position -1.
SUBMASK_VECTORISED void box_pass(const uint8_t* __restrict in, uint8_t* __restrict out, int length,
                                 const Box& box, uint32_t* __restrict sums) {
  const uint32_t inner = box.inner, outer = box.outer;
  const int last = length - 1;
  for (int x = 0; x < length; ++x, out += lanes) {
    const uint8_t* leaving = in + ptrdiff_t{lanes} * std::max(x - box.reach - 1, 0);
    const uint8_t* entering = in + ptrdiff_t{lanes} * std::min(x + box.reach, last);
    const uint8_t* beyond = in + ptrdiff_t{lanes} * std::min(x + box.reach + 1, last);
    for (int lane = 0; lane < lanes; ++lane) {
      const uint32_t left = leaving[lane];
      sums[lane] += entering[lane] - left;
      const uint32_t bulk = sums[lane] * inner + (left + beyond[lane]) * outer;
      out[lane] = static_cast<uint8_t>((bulk + (1U << 23)) >> 24);
    }
  }
}

void start_sums(const uint8_t* in, int length, int reach, uint32_t* sums) {
  for (int lane = 0; lane < lanes; ++lane) sums[lane] = in[lane] * static_cast<uint32_t>(reach + 1);
  for (int x = 0; x < reach; ++x)
    for (int lane = 0; lane < lanes; ++lane)
      sums[lane] += in[ptrdiff_t{lanes} * std::min(x, length - 1) + lane];
}

}  // namespace

void GaussianBlur::blur_tile(int length, float radius) {
  const Box box = box_of(radius);
  for (int pass = 0; pass < passes; ++pass) {
    uint32_t sums[lanes];
    start_sums(tile_.data(), length, box.reach, sums);
    box_pass(tile_.data(), passed_.data(), length, box, sums);
    tile_.swap(passed_);
  }
}

void GaussianBlur::blur(const ImageView& source, float sigma, std::span<uint8_t> out) {
  if (!(sigma >= 0 && sigma <= 1000)) fail_argument("a blur of 0 to 1000 pixels", sigma);
  const int width = source.width, height = source.height;
  const ptrdiff_t row_bytes = ptrdiff_t{3} * width;
  if (sigma == 0) {
    copy_rows(source.pixels, source.row_bytes, out.data(), row_bytes, row_bytes, height);
    return;
  }
  const float radius = box_radius(sigma);
  tile_.resize(static_cast<size_t>(lanes) * static_cast<size_t>(std::max(width, height)));
  passed_.resize(tile_.size());
  for (int top = 0; top < height; top += lines) {
    const int count = std::min(lines, height - top);
    rows_to_tile(source.row(top), source.row_bytes, width, count, tile_.data());
    blur_tile(width, radius);
    tile_to_rows(tile_.data(), width, count, out.data() + top * row_bytes, row_bytes);
  }
  for (int left = 0; left < width; left += lines) {
    const ptrdiff_t bytes = ptrdiff_t{3} * std::min(lines, width - left);
    uint8_t* strip = out.data() + ptrdiff_t{3} * left;
    copy_rows(strip, row_bytes, tile_.data(), lanes, bytes, height);
    blur_tile(height, radius);
    copy_rows(tile_.data(), lanes, strip, row_bytes, bytes, height);
  }
}

}  // namespace submask
