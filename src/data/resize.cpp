#include "data/resize.h"

#include <algorithm>
#include <cmath>

namespace submask {
namespace {

// 32 bits less 8 of the pixel, less 2 because weights may exceed 1 and sums 255.
constexpr int precision_bits = 22;
constexpr int32_t half = 1 << (precision_bits - 1);

double filter_radius(Filter filter) { return filter == Filter::bicubic ? 2.0 : 1.0; }

// Keys' cubic convolution with a = -1/2, or the triangle.
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

uint8_t to_pixel(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> precision_bits, 0, 255));
}

bool is_identity(const ResizeAxis& axis, int length) {
  return axis.size == length && axis.begin == 0 && axis.end == static_cast<float>(length);
}

}  // namespace

Resizer::Taps::Span Resizer::Taps::compute(int length, const ResizeAxis& axis, Filter filter) {
  spans.clear();
  if (is_identity(axis, length)) return {static_cast<int>(axis.first), axis.count};
  const double scale = static_cast<double>(axis.end - axis.begin) / static_cast<double>(axis.size);
  const double stretch = std::max(scale, 1.0);  // shrinking widens the filter: no aliasing
  const double radius = filter_radius(filter) * stretch;
  stride = static_cast<size_t>(std::ceil(radius)) * 2 + 1;
  spans.resize(static_cast<size_t>(axis.count));
  weights.resize(spans.size() * stride);
  exact.resize(stride);
  for (size_t i = 0; i < spans.size(); ++i) {
    const double centre =
        axis.begin + (static_cast<double>(axis.first + static_cast<int64_t>(i)) + 0.5) * scale;
    const int first = std::max(static_cast<int>(centre - radius + 0.5), 0);
    const int last = std::min(static_cast<int>(centre + radius + 0.5), length);
    double total = 0;
    for (int x = first; x < last; ++x) {
      const double weight = filter_value(filter, (x - centre + 0.5) * (1.0 / stretch));
      exact[static_cast<size_t>(x - first)] = weight;
      total += weight;
    }
    spans[i] = {first, last - first};
    for (size_t k = 0; k < static_cast<size_t>(last - first); ++k)
      weights[i * stride + k] = to_fixed_point(total != 0 ? exact[k] / total : exact[k]);
  }
  const Span read{spans.front().first,
                  spans.back().first + spans.back().count - spans.front().first};
  for (Span& span : spans) span.first -= read.first;
  return read;
}

ImageView Resizer::pass_along_rows(const ImageView& source) {
  const size_t width = column_taps_.spans.size();
  if (width == 0) return source;
  row_result_.resize(width * 3 * static_cast<size_t>(source.height));
  uint8_t* out = row_result_.data();
  for (int y = 0; y < source.height; ++y) {
    const int32_t* weights = column_taps_.weights.data();
    for (const Taps::Span& span : column_taps_.spans) {
      const uint8_t* pixel = source.row(y) + ptrdiff_t{3} * span.first;
      int32_t red = half, green = half, blue = half;
      for (int k = 0; k < span.count; ++k, pixel += 3) {
        red += pixel[0] * weights[k];
        green += pixel[1] * weights[k];
        blue += pixel[2] * weights[k];
      }
      *out++ = to_pixel(red);
      *out++ = to_pixel(green);
      *out++ = to_pixel(blue);
      weights += column_taps_.stride;
    }
  }
  return {row_result_.data(), static_cast<int>(width), source.height,
          static_cast<ptrdiff_t>(width * 3)};
}

ImageView Resizer::pass_along_columns(const ImageView& source) {
  const size_t height = row_taps_.spans.size(), row_values = static_cast<size_t>(source.width) * 3;
  if (height == 0) return source;
  column_result_.resize(row_values * height);
  sums_.resize(row_values);
  uint8_t* out = column_result_.data();
  const int32_t* weights = row_taps_.weights.data();
  for (const Taps::Span& span : row_taps_.spans) {
    std::fill(sums_.begin(), sums_.end(), half);
    for (int k = 0; k < span.count; ++k) {
      const uint8_t* row = source.row(span.first + k);
      int32_t* sums = sums_.data();
      const int32_t weight = weights[k];
      for (size_t i = 0; i < row_values; ++i) sums[i] += row[i] * weight;
    }
    for (const int32_t sum : sums_) *out++ = to_pixel(sum);
    weights += row_taps_.stride;
  }
  return {column_result_.data(), source.width, static_cast<int>(height),
          static_cast<ptrdiff_t>(row_values)};
}

ImageView Resizer::resize(const ImageView& source, const ResizeAxis& columns,
                          const ResizeAxis& rows, Filter filter) {
  const Taps::Span across = column_taps_.compute(source.width, columns, filter);
  const Taps::Span down = row_taps_.compute(source.height, rows, filter);
  const ImageView part = source.crop(across.first, down.first, across.count, down.count);
  const bool columns_first =
      source.height - rows.size > 2 * std::max<int64_t>(source.width - columns.size, 0);
  return columns_first ? pass_along_rows(pass_along_columns(part))
                       : pass_along_columns(pass_along_rows(part));
}

}  // namespace submask
