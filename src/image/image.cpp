#include "image/image.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/checked.h"
#include "base/fail.h"
#include "base/lower_case.h"
#include "image/decoders.h"
#include "image/exif.h"

namespace submask {
namespace {

bool has_at(Bytes bytes, size_t offset, std::string_view magic) {
  return bytes.size() >= offset + magic.size() &&
         std::equal(
             magic.begin(), magic.end(), bytes.begin() + static_cast<ptrdiff_t>(offset),
             [](char expected, uint8_t got) { return static_cast<uint8_t>(expected) == got; });
}

std::string describe_beginning(Bytes bytes) {
  if (bytes.empty()) return "an empty file";
  if (has_at(bytes, 0, std::string_view("\0\x05\x16\x07", 4)))
    return "what macOS keeps beside a file of another system (._NAME)";
  std::string shown;
  for (const uint8_t byte : bytes.first(std::min<size_t>(bytes.size(), 8)))
    shown += byte >= ' ' && byte < 127 ? static_cast<char>(byte) : '.';
  return "a file that begins with \"" + shown + "\"";
}

}  // namespace

void check_size(int64_t width, int64_t height, const std::string& name, int64_t pixel_limit) {
  const uint64_t pixels =
      checked_multiply(static_cast<uint64_t>(width), static_cast<uint64_t>(height), name);
  if (width <= 0 || height <= 0 || pixels > static_cast<uint64_t>(pixel_limit))
    fail_corrupt(text("an image of 1 to ", pixel_limit, " pixels (--pixel-limit changes that)"),
                 text(width, " x ", height), name);
}

Image make_image(int64_t width, int64_t height, const std::string& name, int64_t pixel_limit) {
  check_size(width, height, name, pixel_limit);
  Image image{static_cast<int>(width), static_cast<int>(height), {}};
  image.pixels.resize(static_cast<size_t>(3 * width * height));
  return image;
}

bool is_image_ending(std::string_view ending) {
  constexpr std::array<std::string_view, 10> endings{"jpg", "jpeg", "png",  "webp", "bmp",
                                                     "gif", "tif",  "tiff", "ppm",  "pgm"};
  return std::find(endings.begin(), endings.end(), lower_case(ending)) != endings.end();
}

namespace {

DecodedImage decode_any(Bytes bytes, const std::string& name, const DecodeRules& rules,
                        const ImageRequest& request) {
  if (has_at(bytes, 0, "\xFF\xD8\xFF")) return decode_jpeg(bytes, name, rules, request);
  if (has_at(bytes, 0, "\x89PNG\r\n\x1A\n")) return decode_png(bytes, name, rules);
  if (has_at(bytes, 0, "RIFF") && has_at(bytes, 8, "WEBP")) return decode_webp(bytes, name, rules);
  if (has_at(bytes, 0, "BM")) return decode_bmp(bytes, name, rules);
  if (has_at(bytes, 0, "GIF87a") || has_at(bytes, 0, "GIF89a"))
    return decode_gif(bytes, name, rules);
  for (const std::string_view mark : {"II*", "MM", "II+"})
    if (has_at(bytes, 0, mark) && has_at(bytes, mark.size(), std::string_view("\0", 1)))
      return decode_tiff(bytes, name, rules);
  if (has_at(bytes, 0, "P5") || has_at(bytes, 0, "P6")) return decode_pnm(bytes, name, rules);
  fail_corrupt("a JPEG, PNG, WebP, BMP, GIF, TIFF, PGM or PPM image", describe_beginning(bytes),
               name);
}

}  // namespace

Image decode_image(Bytes bytes, const std::string& name, const DecodeRules& rules,
                   const ImageRequest& request) {
  DecodedImage decoded = decode_any(bytes, name, rules, request);
  if (rules.strict && !decoded.image.damage.empty())
    fail_corrupt("an image without damage (--strict-images)", decoded.image.damage, name);
  if (rules.exif == ExifUse::ignore) return std::move(decoded.image);
  return apply_orientation(std::move(decoded.image), decoded.orientation);
}

Image read_image(const std::filesystem::path& path, const DecodeRules& rules,
                 const ImageRequest& request) {
  const MappedFile file(path);
  return decode_image(file.bytes(), file.path(), rules, request);
}

}  // namespace submask
