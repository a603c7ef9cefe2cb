// Reads JPEG, PNG and WebP files as pixels, and writes pixels as PNG files.
//
// Files may be grey, palette, CMYK or 16-bit; their images are always 8-bit RGB. EXIF rotation is
// applied, and alpha is dropped as Pillow's convert("RGB") does. All functions may be called from
// any thread.
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

// The parts of an image that the caller needs; a JPEG decoder then does less work.
struct ImageRequest {
  // Called with the size of the image; returns the pixels that are needed. Other pixels may have
  // any value. Empty: all pixels are needed.
  std::function<CropBox(int width, int height)> part;
  // Above 0: the decoder may scale the image down by eighths (less exactly than resizing does) as
  // long as its shorter side keeps this many pixels.
  int64_t shorter_side = 0;
};

// The largest number of pixels of an image, unless the caller gives another limit.
constexpr int64_t usual_pixel_limit = 100'000'000;

// The format is found from the content. Throws corrupt_file that names the file (truncated, of
// another kind, or with more than `pixel_limit` pixels) or io.
Image read_image(const std::filesystem::path& path, int64_t pixel_limit = usual_pixel_limit,
                 const ImageRequest& request = {});

// Writes 8-bit RGB, atomically. Throws io.
void write_png(const Image& image, const std::filesystem::path& path);

}  // namespace submask
