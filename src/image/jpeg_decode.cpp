// libjpeg-turbo reports errors by longjmp, which runs no destructors. So everything that owns
// memory lives in decode_jpeg(); the functions that may be jumped out of (read_header, read_pixels)
// hold plain values only.
#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <jerror.h>
#include <jpeglib.h>
#include <optional>
#include <string_view>
#include <vector>

#include "base/fail.h"
#include "image/decoders.h"
#include "image/exif.h"

namespace submask {
namespace {

// A progressive file may hold any number of scans, each of which costs a pass over the whole image:
// a small file could keep a decoder busy for hours. Encoders write about ten.
constexpr int scan_limit = 200;

struct JpegReader {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf jump{};
  char message[JMSG_LENGTH_MAX]{};
  char damage[JMSG_LENGTH_MAX]{};  // the first that was met; "": none

  JpegReader() = default;
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&info); }
};

[[noreturn]] void on_error(j_common_ptr info) {
  auto& reader = *static_cast<JpegReader*>(info->client_data);
  info->err->format_message(info, reader.message);
  std::longjmp(reader.jump, 1);
}

// libjpeg fills what is missing with grey and only warns. Like Pillow, this refuses a file that
// ends without its end marker, and decodes one whose data is damaged or ends too early in front of
// it. Other warnings (stray bytes between markers) leave the pixels whole.
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  auto& reader = *static_cast<JpegReader*>(info->client_data);
  switch (info->err->msg_code) {
    case JWRN_JPEG_EOF:
      on_error(info);
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_BOGUS_PROGRESSION:
      if (reader.damage[0] == 0) info->err->format_message(info, reader.damage);
      break;
    default:
      break;
  }
}

void on_progress(j_common_ptr info) {
  auto& reader = *static_cast<JpegReader*>(info->client_data);
  if (reader.info.input_scan_number <= scan_limit) return;
  std::snprintf(reader.message, sizeof reader.message, "more than %d scans", scan_limit);
  std::longjmp(reader.jump, 1);
}

bool read_header(JpegReader& reader, Bytes bytes) {
  if (setjmp(reader.jump) != 0) return false;
  jpeg_decompress_struct& info = reader.info;
  info.err = jpeg_std_error(&reader.errors);
  reader.errors.error_exit = on_error;
  reader.errors.emit_message = on_message;
  info.client_data = &reader;
  jpeg_create_decompress(&info);
  reader.progress.progress_monitor = on_progress;
  info.progress = &reader.progress;
  jpeg_mem_src(&info, bytes.data(), bytes.size());
  jpeg_save_markers(&info, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(&info, TRUE);
  const bool four_inks = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = four_inks ? JCS_CMYK : JCS_RGB;
  info.dct_method = JDCT_ISLOW;
  info.do_fancy_upsampling = TRUE;
  return true;
}

// Inks are inverted (255 is no ink), as Adobe writes them and as Pillow assumes for every file.
void inks_to_rgb(const uint8_t* inks, unsigned width, uint8_t* rgb) {
  for (unsigned x = 0; x < width; ++x, inks += 4, rgb += 3) {
    const unsigned light = inks[3];
    for (int channel = 0; channel < 3; ++channel) {
      const unsigned product = (255U - inks[channel]) * light + 128;
      rgb[channel] = static_cast<uint8_t>(light - ((product + (product >> 8)) >> 8));
    }
  }
}

// The smallest N of 1 to 8 for which the shorter side, scaled by N / 8, has at least `wanted`
// pixels; 8 where there is none or `wanted` is 0.
unsigned smallest_scale(const jpeg_decompress_struct& info, int64_t wanted) {
  const int64_t shorter = std::min(info.image_width, info.image_height);
  for (unsigned eighths = 1; eighths < 8 && wanted > 0; ++eighths)
    if ((shorter * eighths + 7) / 8 >= wanted) return eighths;
  return 8;
}

bool set_scale(JpegReader& reader, int64_t shorter_side) {
  if (setjmp(reader.jump) != 0) return false;
  reader.info.scale_num = smallest_scale(reader.info, shorter_side);
  reader.info.scale_denom = 8;
  jpeg_calc_output_dimensions(&reader.info);
  return true;
}

// A part is decoded with so many pixels around it, because libjpeg's smooth upsampling has no
// neighbours at the border of the decoded part.
constexpr int margin = 16;

// The box with its margin, as far as it lies in the image.
CropBox with_margin(const CropBox& box, int width, int height) {
  const int left = std::max(box.left - margin, 0), top = std::max(box.top - margin, 0);
  return {left, top, std::min(box.left + box.width + margin, width) - left,
          std::min(box.top + box.height + margin, height) - top};
}

void read_row(JpegReader& reader, uint8_t* rgb, uint8_t* inks) {
  JSAMPROW row = inks != nullptr ? inks : rgb;
  jpeg_read_scanlines(&reader.info, &row, 1);
  if (inks != nullptr) inks_to_rgb(inks, reader.info.output_width, rgb);
}

// Decodes the rows and columns of `part` into the pixels of the whole image. Then decodes the last
// row, so that a file that was cut anywhere is noticed: skipping to the end would not read it.
// `inks` is the memory for one row of four inks.
bool read_pixels(JpegReader& reader, const CropBox& part, uint8_t* pixels, uint8_t* inks) {
  if (setjmp(reader.jump) != 0) return false;
  jpeg_decompress_struct& info = reader.info;
  jpeg_start_decompress(&info);
  const size_t row_bytes = size_t{info.output_width} * 3;
  JDIMENSION left = 0, width = info.output_width;
  if (static_cast<JDIMENSION>(part.width) < width) {
    left = static_cast<JDIMENSION>(part.left);
    width = static_cast<JDIMENSION>(part.width);
    jpeg_crop_scanline(&info, &left, &width);  // moves both to whole blocks
  }
  const auto end = static_cast<JDIMENSION>(part.top + part.height);
  const JDIMENSION last = info.output_height - 1;
  if (part.top > 0) jpeg_skip_scanlines(&info, static_cast<JDIMENSION>(part.top));
  while (info.output_scanline <= last) {
    if (info.output_scanline >= end && info.output_scanline < last)
      jpeg_skip_scanlines(&info, last - info.output_scanline);
    read_row(reader, pixels + info.output_scanline * row_bytes + size_t{3} * left, inks);
  }
  jpeg_finish_decompress(&info);
  return true;
}

int find_orientation(const jpeg_decompress_struct& info) {
  constexpr std::string_view exif("Exif\0\0", 6), xmp("http://ns.adobe.com/xap/1.0/\0", 29);
  std::optional<int> by_exif, by_xmp;
  for (auto* marker = info.marker_list; marker != nullptr; marker = marker->next) {
    const Bytes bytes(marker->data, marker->data_length);
    if (as_text(bytes).starts_with(exif) && !by_exif) by_exif = exif_orientation(bytes);
    if (as_text(bytes).starts_with(xmp) && !by_xmp)
      by_xmp = xmp_orientation(bytes.subspan(xmp.size()));
  }
  return by_exif ? *by_exif : by_xmp.value_or(1);
}

// An image that has to be turned is decoded whole, because the part is that of the turned image.
CropBox part_of(const ImageRequest& request, int width, int height, int orientation) {
  if (!request.part || orientation != 1) return {0, 0, width, height};
  return with_margin(request.part(width, height), width, height);
}

}  // namespace

DecodedImage decode_jpeg(Bytes bytes, const std::string& name, const DecodeRules& rules,
                         const ImageRequest& request) {
  JpegReader reader;
  const auto fail_jpeg = [&] { fail_corrupt("a whole JPEG image", reader.message, name); };
  if (!read_header(reader, bytes)) fail_jpeg();
  check_size(reader.info.image_width, reader.info.image_height, name, rules.pixel_limit);
  if (!set_scale(reader, request.shorter_side)) fail_jpeg();
  DecodedImage decoded{
      make_image(reader.info.output_width, reader.info.output_height, name, rules.pixel_limit),
      find_orientation(reader.info)};
  std::vector<uint8_t> inks;
  if (reader.info.out_color_space == JCS_CMYK) inks.resize(size_t{reader.info.output_width} * 4);
  const int turned_by = rules.exif == ExifUse::apply ? decoded.orientation : 1;
  const CropBox part = part_of(request, decoded.image.width, decoded.image.height, turned_by);
  if (!read_pixels(reader, part, decoded.image.pixels.data(), inks.empty() ? nullptr : inks.data()))
    fail_jpeg();
  decoded.image.damage = reader.damage;
  // Where blocks are missing, a part need not have the pixels of the whole image.
  if (!decoded.image.damage.empty() && request.part)
    return decode_jpeg(bytes, name, rules, {.part = {}, .shorter_side = request.shorter_side});
  return decoded;
}

}  // namespace submask
