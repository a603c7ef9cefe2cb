#include "image/png_encode.h"

#include <csetjmp>
#include <png.h>

#include "base/fail.h"
#include "base/file.h"

namespace submask {
namespace {

void append(png_structp png, png_bytep data, png_size_t size) {
  auto* out = static_cast<std::vector<uint8_t>*>(png_get_io_ptr(png));
  out->insert(out->end(), data, data + size);
}

void nothing_to_flush(png_structp) {}

}  // namespace

std::vector<uint8_t> encode_png(const Image& image) {
  const auto width = static_cast<png_uint_32>(image.width),
             height = static_cast<png_uint_32>(image.height);
  if (width < 1 || height < 1 || image.pixels.size() != size_t{3} * width * height)
    fail_argument("an image of width x height x 3 bytes", text(image.pixels.size(), " bytes"));
  std::vector<uint8_t> out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png != nullptr ? png_create_info_struct(png) : nullptr;
  if (info == nullptr || setjmp(png_jmpbuf(png)) != 0) {
    png_destroy_write_struct(&png, &info);
    fail(ErrorKind::io, "cannot encode an image of ", width, " x ", height, " pixels as PNG");
  }
  png_set_write_fn(png, &out, append, nothing_to_flush);
  png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (png_uint_32 y = 0; y < height; ++y)
    png_write_row(png, image.pixels.data() + size_t{3} * y * width);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return out;
}

void write_png(const Image& image, const std::filesystem::path& path) {
  write_file_atomically(path, encode_png(image));
}

}  // namespace submask
