// libpng reports errors by longjmp, which runs no destructors: see jpeg_decode.cpp for the shape of
// this file.
#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <png.h>
#include <span>
#include <vector>

#include "base/fail.h"
#include "image/decoders.h"
#include "image/exif.h"

namespace submask {
namespace {

struct PngReader {
  png_structp png = nullptr;
  png_infop info = nullptr;
  Bytes rest;
  // libpng allocates what the header of a chunk claims. No chunk is longer than the file, and no
  // row of a million pixels, libpng's limit, takes more than 8 MB.
  size_t largest_allocation;
  char message[160]{};

  explicit PngReader(Bytes bytes)
      : rest(bytes), largest_allocation(std::max(bytes.size(), size_t{16} << 20)) {}
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto& reader = *static_cast<PngReader*>(png_get_error_ptr(png));
  std::snprintf(reader.message, sizeof reader.message, "%s", message);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

png_voidp on_malloc(png_structp png, png_alloc_size_t size) {
  const auto& reader = *static_cast<PngReader*>(png_get_mem_ptr(png));
  return size <= reader.largest_allocation ? std::malloc(size) : nullptr;
}

void on_free(png_structp, png_voidp memory) { std::free(memory); }

void on_read(png_structp png, png_bytep out, size_t count) {
  auto& reader = *static_cast<PngReader*>(png_get_io_ptr(png));
  if (count > reader.rest.size()) png_error(png, "the end of the file");
  std::memcpy(out, reader.rest.data(), count);
  reader.rest = reader.rest.subspan(count);
}

bool read_header(PngReader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_structp png = reader.png;
  png_set_read_fn(png, &reader, on_read);
  png_read_info(png, reader.info);
  // Of sixteen bits the high byte is kept, as Pillow does for images with colour. A grey image of
  // 16 bits Pillow clips at 255, which makes nearly every such image white.
  png_set_strip_16(png);
  png_set_palette_to_rgb(png);
  png_set_expand_gray_1_2_4_to_8(png);
  png_set_gray_to_rgb(png);
  png_set_strip_alpha(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, reader.info);
  return true;
}

bool read_pixels(PngReader& reader, png_bytepp rows) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_read_image(reader.png, rows);
  return true;
}

// What stands behind the pixels, such as eXIf. The image is whole without it.
bool read_end(PngReader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_read_end(reader.png, reader.info);
  return true;
}

int find_orientation(const PngReader& reader) {
  png_uint_32 size = 0;
  png_bytep bytes = nullptr;
  if (png_get_eXIf_1(reader.png, reader.info, &size, &bytes) != 0 && bytes != nullptr)
    if (const auto orientation = exif_orientation({bytes, size})) return *orientation;
  png_textp texts = nullptr;
  const int count = png_get_text(reader.png, reader.info, &texts, nullptr);
  for (const png_text& item : std::span(texts, static_cast<size_t>(count)))
    if (std::strcmp(item.key, "XML:com.adobe.xmp") == 0)
      return xmp_orientation(as_bytes(std::string_view(item.text))).value_or(1);
  return 1;
}

}  // namespace

DecodedImage decode_png(Bytes bytes, const std::string& name, const DecodeRules& rules) {
  PngReader reader(bytes);
  const auto fail_png = [&] { fail_corrupt("a whole PNG image", reader.message, name); };
  reader.png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &reader, on_error, on_warning,
                                        &reader, on_malloc, on_free);
  reader.info = reader.png != nullptr ? png_create_info_struct(reader.png) : nullptr;
  if (reader.info == nullptr) throw std::bad_alloc();
  if (!read_header(reader)) fail_png();
  DecodedImage decoded;
  decoded.image =
      make_image(png_get_image_width(reader.png, reader.info),
                 png_get_image_height(reader.png, reader.info), name, rules.pixel_limit);
  const size_t row_bytes = static_cast<size_t>(decoded.image.width) * 3;
  if (png_get_rowbytes(reader.png, reader.info) != row_bytes)
    fail_corrupt("a PNG image that becomes 8-bit RGB", "another layout", name);
  std::vector<png_bytep> rows(static_cast<size_t>(decoded.image.height));
  for (size_t y = 0; y < rows.size(); ++y) rows[y] = decoded.image.pixels.data() + y * row_bytes;
  if (!read_pixels(reader, rows.data())) fail_png();
  if (!read_end(reader)) decoded.image.damage = reader.message;
  decoded.orientation = find_orientation(reader);
  return decoded;
}

}  // namespace submask
