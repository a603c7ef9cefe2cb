#include "image/exif.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace submask {
namespace {

// Reads numbers of a TIFF block in its byte order; nothing where they would lie outside.
class TiffReader {
 public:
  TiffReader(Bytes bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

  std::optional<uint32_t> number(uint64_t offset, size_t width) const {
    if (offset > bytes_.size() || bytes_.size() - offset < width) return std::nullopt;
    uint32_t value = 0;
    for (size_t i = 0; i < width; ++i)
      value = value << 8 | bytes_[offset + (big_endian_ ? i : width - 1 - i)];
    return value;
  }

 private:
  Bytes bytes_;
  bool big_endian_;
};

// The bytes of the integer types short, long and their signed ones. Pillow turns no image by one of
// a byte.
std::optional<size_t> integer_width(uint32_t type) {
  switch (type) {
    case 6:
      return 1;
    case 3:
    case 8:
      return 2;
    case 4:
    case 9:
      return 4;
    default:
      return std::nullopt;
  }
}

std::optional<int> in_range(uint32_t orientation) {
  if (orientation < 1 || orientation > 8) return std::nullopt;
  return static_cast<int>(orientation);
}

}  // namespace

std::optional<int> exif_orientation(Bytes exif) {
  constexpr std::string_view exif_prefix("Exif\0\0", 6);
  constexpr uint32_t orientation_tag = 0x0112, entry_bytes = 12;
  if (as_text(exif).starts_with(exif_prefix)) exif = exif.subspan(exif_prefix.size());
  const bool big_endian = as_text(exif).starts_with("MM");
  if (!big_endian && !as_text(exif).starts_with("II")) return std::nullopt;
  const TiffReader tiff(exif, big_endian);
  if (tiff.number(2, 2) != 42) return std::nullopt;
  const auto directory = tiff.number(4, 4);
  const auto entries = directory ? tiff.number(*directory, 2) : std::nullopt;
  if (!entries) return std::nullopt;
  for (uint64_t i = 0; i < *entries; ++i) {
    const uint64_t entry = uint64_t{*directory} + 2 + i * entry_bytes;
    const auto tag = tiff.number(entry, 2);
    if (!tag) return std::nullopt;
    if (*tag != orientation_tag) continue;
    const auto width = integer_width(tiff.number(entry + 2, 2).value_or(0));
    const auto value = width ? tiff.number(entry + 8, *width) : std::nullopt;
    if (tiff.number(entry + 4, 4) != 1) return std::nullopt;  // one number
    return value ? in_range(*value) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<int> xmp_orientation(Bytes xmp) {
  constexpr std::string_view name = "tiff:Orientation";
  const std::string_view packet = as_text(xmp);
  for (size_t at = packet.find(name); at != std::string_view::npos;
       at = packet.find(name, at + 1)) {
    std::string_view rest = packet.substr(at + name.size());
    if (!rest.starts_with("=\"") && !rest.starts_with('>')) continue;
    rest.remove_prefix(rest.front() == '>' ? 1 : 2);
    if (!rest.empty() && rest.front() >= '0' && rest.front() <= '9')
      return in_range(static_cast<uint32_t>(rest.front() - '0'));
  }
  return std::nullopt;
}

// The source of output pixel (x, y) is found from (x, y) by, in this order, a transpose (5-8), a
// reversal of the column (2, 3, 7, 8) and a reversal of the row (3, 4, 6, 7).
Image apply_orientation(Image image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  const bool transposed = orientation >= 5;
  const bool column_reversed = orientation == 2 || orientation == 3 || orientation >= 7;
  const bool row_reversed =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Image upright{
      transposed ? image.height : image.width, transposed ? image.width : image.height, {}};
  upright.pixels.resize(image.pixels.size());
  uint8_t* out = upright.pixels.data();
  for (int y = 0; y < upright.height; ++y) {
    for (int x = 0; x < upright.width; ++x, out += 3) {
      int column = transposed ? y : x, row = transposed ? x : y;
      if (column_reversed) column = image.width - 1 - column;
      if (row_reversed) row = image.height - 1 - row;
      const auto offset = (static_cast<size_t>(row) * static_cast<size_t>(image.width) +
                           static_cast<size_t>(column)) *
                          3;
      std::copy_n(&image.pixels[offset], 3, out);
    }
  }
  return upright;
}

}  // namespace submask
