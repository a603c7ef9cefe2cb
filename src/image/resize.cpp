#include "image/resize.h"

#include <algorithm>
#include <cmath>

#include "base/vectorised.h"
#include "image/pixel_tile.h"

namespace submask {
namespace {

// 32 bits, without 8 for the pixel and 2 because weights may exceed 1 and sums may exceed 255.
constexpr int precision_bits = 22;
constexpr int32_t half = 1 << (precision_bits - 1);

double filter_radius(Filter filter) { return filter == Filter::bicubic ? 2.0 : 1.0; }

// Keys' cubic convolution with a = -1/2, or the triangle filter.
double filter_value(Filter filter, double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (filter == Filter::bilinear) return x < 1.0 ? 1.0 - x : 0.0;
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

int32_t to_fixed_point(double weight) {
  constexpr double one = 1 << precision_bits;
  return static_cast<int32_t>(weight < 0 ? weight * one - 0.5 : weight * one + 0.5);
}

bool is_identity(const ResizeAxis& axis, int length) {
  return axis.size == length && axis.begin == 0 && axis.end == static_cast<float>(length);
}

// Weighted sums of source pixels that are `step` bytes apart, for tile_lanes bytes side by side.
// Output pixels are `out_step` bytes apart.
SUBMASK_VECTORISED void weigh(const uint8_t* __restrict in, ptrdiff_t step, const ResizeTaps& taps,
                              uint8_t* __restrict out, ptrdiff_t out_step) {
  const int32_t* weights = taps.weights.data();
  for (const ResizeTaps::Span& span : taps.spans) {
    int32_t sums[tile_lanes];
    for (int32_t& sum : sums) sum = half;
    const uint8_t* pixel = in + step * span.first;
    for (int k = 0; k < span.count; ++k, pixel += step) {
      const int32_t weight = weights[k];
      for (int lane = 0; lane < tile_lanes; ++lane) sums[lane] += pixel[lane] * weight;
    }
    for (int lane = 0; lane < tile_lanes; ++lane)
      out[lane] = static_cast<uint8_t>(std::min(std::max(sums[lane] >> precision_bits, 0), 255));
    weights += taps.stride;
    out += out_step;
  }
}

}  // namespace

ResizeTaps::Span ResizeTaps::compute(int length, const ResizeAxis& axis, Filter filter) {
  spans.clear();
  if (is_identity(axis, length) && !axis.mirrored)
    return {static_cast<int>(axis.first), axis.count};
  const double scale = static_cast<double>(axis.end - axis.begin) / static_cast<double>(axis.size);
  const double stretch =
      std::max(scale, 1.0);  // the filter is wider when it shrinks, against aliasing
  const double radius = filter_radius(filter) * stretch;
  stride = static_cast<size_t>(std::ceil(radius)) * 2 + 1;
  spans.resize(static_cast<size_t>(axis.count));
  weights.resize(spans.size() * stride);
  exact_.resize(stride);
  Span read{length, 0};
  int read_end = 0;
  for (size_t i = 0; i < spans.size(); ++i) {
    const auto position = static_cast<int64_t>(axis.mirrored ? spans.size() - 1 - i : i);
    const double centre = axis.begin + (static_cast<double>(axis.first + position) + 0.5) * scale;
    // NOLINTBEGIN(bugprone-incorrect-roundings): Pillow rounds so, below 0 towards it.
    const int first = std::max(static_cast<int>(centre - radius + 0.5), 0);
    const int last = std::min(static_cast<int>(centre + radius + 0.5), length);
    // NOLINTEND(bugprone-incorrect-roundings)
    double total = 0;
    for (int x = first; x < last; ++x) {
      const double weight = filter_value(filter, (x - centre + 0.5) * (1.0 / stretch));
      exact_[static_cast<size_t>(x - first)] = weight;
      total += weight;
    }
    spans[i] = {first, last - first};
    for (size_t k = 0; k < static_cast<size_t>(last - first); ++k)
      weights[i * stride + k] = to_fixed_point(total != 0 ? exact_[k] / total : exact_[k]);
    read.first = std::min(read.first, first);
    read_end = std::max(read_end, last);
  }
  for (Span& span : spans) span.first -= read.first;
  read.count = read_end - read.first;
  return read;
}

void Resizer::pass_along_rows(const ImageView& source, uint8_t* out) {
  const auto width = static_cast<int>(column_taps_.spans.size());
  const ptrdiff_t row_bytes = ptrdiff_t{3} * width;
  tile_.resize(static_cast<size_t>(tile_lanes) * static_cast<size_t>(source.width));
  weighed_tile_.resize(static_cast<size_t>(tile_lanes) * column_taps_.spans.size());
  for (int top = 0; top < source.height; top += tile_lines) {
    const int count = std::min(tile_lines, source.height - top);
    rows_to_tile(source.row(top), source.row_bytes, source.width, count, tile_.data());
    weigh(tile_.data(), tile_lanes, column_taps_, weighed_tile_.data(), tile_lanes);
    tile_to_rows(weighed_tile_.data(), width, count, out + top * row_bytes, row_bytes);
  }
}

// Works in strips of tile_lanes bytes; the last one overlaps the one before it, so that it is
// whole. An image that is narrower than a strip is copied into a tile.
void Resizer::pass_along_columns(const ImageView& source, uint8_t* out) {
  const ptrdiff_t row_bytes = ptrdiff_t{3} * source.width;
  if (row_bytes < tile_lanes) {
    const auto height = static_cast<int>(row_taps_.spans.size());
    tile_.resize(static_cast<size_t>(tile_lanes) * static_cast<size_t>(source.height));
    weighed_tile_.resize(static_cast<size_t>(tile_lanes) * row_taps_.spans.size());
    copy_rows(source.pixels, source.row_bytes, tile_.data(), tile_lanes, row_bytes, source.height);
    weigh(tile_.data(), tile_lanes, row_taps_, weighed_tile_.data(), tile_lanes);
    copy_rows(weighed_tile_.data(), tile_lanes, out, row_bytes, row_bytes, height);
    return;
  }
  for (ptrdiff_t strip = 0; strip < row_bytes; strip += tile_lanes) {
    const ptrdiff_t begin = std::min(strip, row_bytes - tile_lanes);
    weigh(source.pixels + begin, source.row_bytes, row_taps_, out + begin, row_bytes);
  }
}

void Resizer::resize(const ImageView& source, const ResizeAxis& columns, const ResizeAxis& rows,
                     Filter filter, std::span<uint8_t> out) {
  const ResizeTaps::Span across = column_taps_.compute(source.width, columns, filter);
  const ResizeTaps::Span down = row_taps_.compute(source.height, rows, filter);
  const ImageView part = source.crop(across.first, down.first, across.count, down.count);
  if (column_taps_.spans.empty() && row_taps_.spans.empty()) {
    const ptrdiff_t row_bytes = ptrdiff_t{3} * part.width;
    return copy_rows(part.pixels, part.row_bytes, out.data(), row_bytes, row_bytes, part.height);
  }
  if (row_taps_.spans.empty()) return pass_along_rows(part, out.data());
  if (column_taps_.spans.empty()) return pass_along_columns(part, out.data());
  const bool columns_first =
      source.height - rows.size > 2 * std::max<int64_t>(source.width - columns.size, 0);
  const int width = columns_first ? part.width : columns.count;
  const int height = columns_first ? rows.count : part.height;
  between_passes_.resize(size_t{3} * static_cast<size_t>(width) * static_cast<size_t>(height));
  const ImageView between{between_passes_.data(), width, height, ptrdiff_t{3} * width};
  if (columns_first) {
    pass_along_columns(part, between_passes_.data());
    pass_along_rows(between, out.data());
  } else {
    pass_along_rows(part, between_passes_.data());
    pass_along_columns(between, out.data());
  }
}

}  // namespace submask
