// Antialiased resizing of 8-bit RGB, equal to Pillow's resize(size, resample, box) bit for bit.
//
// There are two passes, first along rows, then along columns. Each rounds its weights to 22-bit
// fixed point and its result to 8 bits (Pillow 13, src/libImaging/Resample.c has the arithmetic).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <submask/image.h>

namespace submask {

// Pixels that belong to someone else.
struct ImageView {
  const uint8_t* pixels = nullptr;  // red first
  int width = 0;
  int height = 0;
  ptrdiff_t row_bytes = 0;

  const uint8_t* row(int64_t y) const { return pixels + y * row_bytes; }
  ImageView crop(int left, int top, int crop_width, int crop_height) const {
    return {row(top) + ptrdiff_t{3} * left, crop_width, crop_height, row_bytes};
  }
};

inline ImageView view_of(const Image& image) {
  return {image.pixels.data(), image.width, image.height, ptrdiff_t{3} * image.width};
}

enum class Filter { bilinear, bicubic };

// One dimension of a resize: the source interval [begin, end), in float as in Pillow, becomes
// `size` pixels. Only `count` of them from `first` on are computed, so that a crop of the result
// costs no more than its own pixels.
struct ResizeAxis {
  float begin = 0;
  float end = 0;
  int64_t size = 0;
  int64_t first = 0;
  int count = 0;
  bool mirrored = false;  // the computed pixels come out last to first
};

// All of `length` source pixels become `size` pixels.
inline ResizeAxis whole_axis(int length, int size) {
  return {0, static_cast<float>(length), size, 0, size};
}

// The weights of one dimension. Output pixel i is the sum of spans[i].count source pixels from
// spans[i].first on, times the weights from weights[i * stride] on. Without spans, the pixels stay
// as they are.
struct ResizeTaps {
  struct Span {
    int first = 0, count = 0;
  };
  std::vector<Span> spans;
  std::vector<int32_t> weights;
  size_t stride = 0;

  // Returns the part of the source that is read; the spans count from its beginning.
  Span compute(int length, const ResizeAxis& axis, Filter filter);

 private:
  std::vector<double> exact_;  // of one output pixel, before rounding
};

// Keeps its buffers between calls, so only one thread may use it at a time.
class Resizer {
 public:
  // Writes rows.count x columns.count x 3 to `out`, without gaps.
  void resize(const ImageView& source, const ResizeAxis& columns, const ResizeAxis& rows,
              Filter filter, std::span<uint8_t> out);

 private:
  void pass_along_rows(const ImageView& source, uint8_t* out);
  void pass_along_columns(const ImageView& source, uint8_t* out);

  ResizeTaps column_taps_, row_taps_;
  std::vector<uint8_t> between_passes_, tile_, weighed_tile_;
};

}  // namespace submask
