// libjpeg-turbo reports errors by longjmp, which runs no destructors. So everything that owns
// memory lives in decode_jpeg(); the functions that may be jumped out of (read_header, read_pixels)
// hold plain values only.
#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <jerror.h>
#include <jpeglib.h>
#include <vector>

#include "base/fail.h"
#include "data/decoders.h"
#include "data/exif.h"

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

// libjpeg fills the rest of a truncated image with grey and only warns. Other warnings (stray bytes
// between markers) leave the pixels whole.
void on_message(j_common_ptr info, int level) {
  const int code = info->err->msg_code;
  if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER)) on_error(info);
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

// Inks are stored inverted (255 is no ink), as Adobe does and as Pillow assumes of every file.
void inks_to_rgb(const uint8_t* inks, unsigned width, uint8_t* rgb) {
  for (unsigned x = 0; x < width; ++x, inks += 4, rgb += 3) {
    const unsigned light = inks[3];
    for (int channel = 0; channel < 3; ++channel) {
      const unsigned product = (255U - inks[channel]) * light + 128;
      rgb[channel] = static_cast<uint8_t>(light - ((product + (product >> 8)) >> 8));
    }
  }
}

// Goes on to the end-of-image marker, so that a file cut anywhere is found out. `inks` is one row
// of four inks.
bool read_pixels(JpegReader& reader, uint8_t* pixels, uint8_t* inks) {
  if (setjmp(reader.jump) != 0) return false;
  jpeg_decompress_struct& info = reader.info;
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height) {
    uint8_t* rgb = pixels + size_t{info.output_scanline} * info.output_width * 3;
    JSAMPROW row = inks != nullptr ? inks : rgb;
    jpeg_read_scanlines(&info, &row, 1);
    if (inks != nullptr) inks_to_rgb(inks, info.output_width, rgb);
  }
  jpeg_finish_decompress(&info);
  return true;
}

int find_orientation(const jpeg_decompress_struct& info) {
  for (auto* marker = info.marker_list; marker != nullptr; marker = marker->next) {
    const Bytes bytes(marker->data, marker->data_length);
    if (bytes.size() > 6 && std::equal(bytes.begin(), bytes.begin() + 6, "Exif\0"))
      return exif_orientation(bytes);
  }
  return 1;
}

}  // namespace

DecodedImage decode_jpeg(Bytes bytes, const std::string& name, int64_t pixel_limit) {
  JpegReader reader;
  const auto fail_jpeg = [&] { fail_corrupt("a whole JPEG image", reader.message, name); };
  if (!read_header(reader, bytes)) fail_jpeg();
  DecodedImage decoded{
      make_image(reader.info.image_width, reader.info.image_height, name, pixel_limit),
      find_orientation(reader.info)};
  std::vector<uint8_t> inks;
  if (reader.info.out_color_space == JCS_CMYK) inks.resize(size_t{reader.info.image_width} * 4);
  if (!read_pixels(reader, decoded.image.pixels.data(), inks.empty() ? nullptr : inks.data()))
    fail_jpeg();
  return decoded;
}

}  // namespace submask
