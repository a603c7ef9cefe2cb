// Reads JPEG, PNG, WebP, BMP, GIF, TIFF, PGM and PPM files as pixels, and writes pixels as PNG
// files.
//
// Files may be grey, palette, CMYK or 16-bit; their images are always 8-bit RGB. EXIF rotation is
// applied, and alpha is dropped as Pillow's convert("RGB") does. Of several pages or frames the
// first is read. All functions may be called from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace submask {

struct Image {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> pixels;  // height x width x 3, red first
  // What is wrong with a file that decodes all the same, in the decoder's words; "": nothing. The
  // pixels are those that Pillow makes of it.
  std::string damage = {};
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

// Whether images are turned as the orientation in their EXIF or XMP block says, which torchvision's
// and timm's loaders do not do.
enum class ExifUse { apply, ignore };
constexpr auto names_of(ExifUse) { return std::array{"apply", "ignore"}; }

// Which files decode, and how.
struct DecodeRules {
  int64_t pixel_limit = usual_pixel_limit;  // a file with more pixels does not decode
  ExifUse exif = ExifUse::apply;
  bool strict = false;  // a damaged file (Image::damage) does not decode
};

// The format is found from the content. Throws corrupt_file that names the file (truncated, of
// another kind, or against the rules) or io.
Image read_image(const std::filesystem::path& path, const DecodeRules& rules = {},
                 const ImageRequest& request = {});

// Writes 8-bit RGB, atomically. Throws io.
void write_png(const Image& image, const std::filesystem::path& path);

}  // namespace submask
