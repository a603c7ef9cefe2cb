// Images: JPEG, PNG and WebP files as pixels, and pixels as PNG files.
//
// Images come out as 8-bit RGB whatever the file was: grey, palette, CMYK, 16-bit, with EXIF
// rotation applied; alpha is dropped, as Pillow's convert("RGB") does. All functions may be called
// from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

namespace submask {

struct Image {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> pixels;  // height x width x 3, red first
};

struct CropBox {
  int left = 0, top = 0, width = 0, height = 0;
  bool operator==(const CropBox&) const = default;
};

// What whoever asks for an image can do without: it spares a JPEG decoder work.
struct ImageRequest {
  // Of an image of this size, the pixels that will be looked at; the others may be anything. None:
  // all of them.
  std::function<CropBox(int width, int height)> part;
  // Above 0: the image may come out scaled down by eighths (not as exactly as resizing does) while
  // its shorter side keeps this many pixels.
  int64_t shorter_side = 0;
};

// Pixels that an image may have unless another limit is asked for.
constexpr int64_t usual_pixel_limit = 100'000'000;

// JPEG, PNG or WebP by content. Throws corrupt_file naming the file (truncated, another kind, or
// more than `pixel_limit` pixels) or io.
Image read_image(const std::filesystem::path& path, int64_t pixel_limit = usual_pixel_limit,
                 const ImageRequest& request = {});

// 8-bit RGB, atomically. Throws io.
void write_png(const Image& image, const std::filesystem::path& path);

}  // namespace submask
