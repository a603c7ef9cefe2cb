#include "image/image.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "base/checked.h"
#include "base/fail.h"
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
  std::string small(ending);
  for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return small == "jpg" || small == "jpeg" || small == "png" || small == "webp";
}

Image decode_image(Bytes bytes, const std::string& name, int64_t pixel_limit,
                   const ImageRequest& request) {
  DecodedImage decoded;
  if (has_at(bytes, 0, "\xFF\xD8\xFF"))
    decoded = decode_jpeg(bytes, name, pixel_limit, request);
  else if (has_at(bytes, 0, "\x89PNG\r\n\x1A\n"))
    decoded = decode_png(bytes, name, pixel_limit);
  else if (has_at(bytes, 0, "RIFF") && has_at(bytes, 8, "WEBP"))
    decoded = decode_webp(bytes, name, pixel_limit);
  else
    fail_corrupt("a JPEG, PNG or WebP image", describe_beginning(bytes), name);
  return apply_orientation(std::move(decoded.image), decoded.orientation);
}

Image read_image(const std::filesystem::path& path, int64_t pixel_limit,
                 const ImageRequest& request) {
  const MappedFile file(path);
  return decode_image(file.bytes(), file.path(), pixel_limit, request);
}

}  // namespace submask
