// Any bytes as a JPEG image: whole, scaled down, and a part of it, which has the whole one's
// pixels. The last byte, which a decoder need not read, chooses the scale and the part.
#include <algorithm>
#include <optional>

#include "image_check.h"

namespace {

using submask::Bytes;
using submask::CropBox;
using submask::DecodedImage;
using submask::Image;

// Rows and columns in quarters of the image: bits 0-1 and 2-3 of `choice` have the corner, 4-5 and
// 6-7 the size.
CropBox chosen_box(unsigned choice, int width, int height) {
  const auto part = [](int length, unsigned begin, unsigned size) {
    const int first = std::min(length * static_cast<int>(begin) / 4, length - 1);
    const int count = std::max(length * static_cast<int>(size + 1) / 4, 1);
    return std::pair(first, std::min(count, length - first));
  };
  const auto [left, box_width] = part(width, choice & 3, choice >> 4 & 3);
  const auto [top, box_height] = part(height, choice >> 2 & 3, choice >> 6);
  return {left, top, box_width, box_height};
}

void check_same(const Image& whole, const Image& partial, const CropBox& box) {
  if (whole.width != partial.width || whole.height != partial.height) std::abort();
  for (int y = box.top; y < box.top + box.height; ++y) {
    const auto begin = ptrdiff_t{3} * (ptrdiff_t{y} * whole.width + box.left);
    if (!std::equal(whole.pixels.begin() + begin, whole.pixels.begin() + begin + 3 * box.width,
                    partial.pixels.begin() + begin))
      std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes bytes(data, size);
  const unsigned choice = size == 0 ? 0 : data[size - 1];
  const auto decode = [&](const submask::ImageRequest& request) {
    std::optional<DecodedImage> decoded;
    submask::check_decoder(bytes, [&](const auto& rules) {
      return *(decoded = submask::decode_jpeg(bytes, "FILE", rules, request));
    });
    return decoded;
  };
  const auto whole = decode({});
  decode({.part = {}, .shorter_side = 1 + choice});
  CropBox box;
  const auto partial = decode(
      {.part = [&](int width, int height) { return box = chosen_box(choice, width, height); },
       .shorter_side = 0});
  if (whole.has_value() != partial.has_value()) std::abort();
  if (whole && whole->orientation == 1) check_same(whole->image, partial->image, box);
  return 0;
}
