// The first page of a TIFF file, by libtiff. Samples of eight bits in strips are read as they are,
// so that alpha can be dropped; libtiff's own conversion to RGB reads what has no alpha.
#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <tiffio.h>
#include <vector>

#include "base/fail.h"
#include "image/decoders.h"

namespace submask {
namespace {

// The file in memory, and the first error of reading it.
struct TiffSource {
  Bytes bytes;
  uint64_t position = 0;
  std::string error{};
};

tmsize_t on_read(thandle_t handle, void* out, tmsize_t count) {
  auto& source = *static_cast<TiffSource*>(handle);
  const uint64_t left =
      source.bytes.size() - std::min<uint64_t>(source.position, source.bytes.size());
  const uint64_t taken = std::min<uint64_t>(left, static_cast<uint64_t>(count));
  if (taken > 0) std::memcpy(out, &source.bytes[source.position], taken);
  source.position += taken;
  return static_cast<tmsize_t>(taken);
}

tmsize_t on_write(thandle_t, void*, tmsize_t) { return 0; }

toff_t on_seek(thandle_t handle, toff_t offset, int whence) {
  auto& source = *static_cast<TiffSource*>(handle);
  source.position = whence == SEEK_SET   ? offset
                    : whence == SEEK_CUR ? source.position + offset
                                         : source.bytes.size() + offset;
  return source.position;
}

int on_close(thandle_t) { return 0; }

toff_t on_size(thandle_t handle) { return static_cast<TiffSource*>(handle)->bytes.size(); }

int on_error(TIFF*, void* user, const char* module, const char* format, va_list values) {
  auto& source = *static_cast<TiffSource*>(user);
  std::array<char, 200> message{};
  std::vsnprintf(message.data(), message.size(), format, values);
  if (source.error.empty())
    source.error = text(module != nullptr ? module : "", ": ", message.data());
  return 1;
}

int on_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

struct CloseTiff {
  void operator()(TIFF* file) const { TIFFClose(file); }
};
using TiffFile = std::unique_ptr<TIFF, CloseTiff>;

// Nothing is allocated that is larger than so many pixels or than the file can inflate to.
tmsize_t largest_allocation(Bytes bytes, int64_t pixel_limit) {
  constexpr uint64_t always = uint64_t{16} << 20, best_ratio = 1032, pixel_bytes = 8;
  const uint64_t by_file = best_ratio * bytes.size();
  const uint64_t by_pixels =
      pixel_bytes * std::min<uint64_t>(static_cast<uint64_t>(pixel_limit), uint64_t{1} << 40);
  return static_cast<tmsize_t>(always + std::min(by_file, by_pixels));
}

TiffFile open_tiff(TiffSource& source, int64_t pixel_limit) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(
      TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, &source);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, &source);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), largest_allocation(source.bytes, pixel_limit));
  // m: not mapped, as it is in memory.
  return TiffFile(TIFFClientOpenExt("image", "rm", &source, on_read, on_write, on_seek, on_close,
                                    on_size, nullptr, nullptr, options.get()));
}

template <typename Value>
Value field(TIFF* file, uint32_t tag, Value otherwise) {
  Value value{};
  return TIFFGetFieldDefaulted(file, tag, &value) == 1 ? value : otherwise;
}

struct TiffForm {
  uint32_t width, height;
  uint16_t bits, samples, planes, photometric, extras;
  bool is_premultiplied;
};

TiffForm form_of(TIFF* file) {
  TiffForm form{field<uint32_t>(file, TIFFTAG_IMAGEWIDTH, 0),
                field<uint32_t>(file, TIFFTAG_IMAGELENGTH, 0),
                field<uint16_t>(file, TIFFTAG_BITSPERSAMPLE, 1),
                field<uint16_t>(file, TIFFTAG_SAMPLESPERPIXEL, 1),
                field<uint16_t>(file, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG),
                field<uint16_t>(file, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK),
                0,
                false};
  uint16_t* kinds = nullptr;
  TIFFGetFieldDefaulted(file, TIFFTAG_EXTRASAMPLES, &form.extras, &kinds);
  form.is_premultiplied = std::any_of(kinds, kinds + form.extras,
                                      [](uint16_t kind) { return kind == EXTRASAMPLE_ASSOCALPHA; });
  return form;
}

// Grey or RGB and other samples behind them, eight bits each. Pillow reads up to three others; a
// file may claim tens of thousands.
bool reads_as_rows(TIFF* file, const TiffForm& form) {
  constexpr uint16_t most_extras = 3;
  const bool is_grey =
      form.photometric == PHOTOMETRIC_MINISBLACK && form.samples == 1 + form.extras;
  const bool is_rgb = form.photometric == PHOTOMETRIC_RGB && form.samples == 3 + form.extras;
  return form.bits == 8 && form.extras <= most_extras && (is_grey || is_rgb) &&
         form.planes == PLANARCONFIG_CONTIG && TIFFIsTiled(file) == 0;
}

bool read_rows(TIFF* file, const TiffForm& form, Image& image) {
  const size_t samples = form.samples;
  if (static_cast<size_t>(TIFFScanlineSize(file)) != samples * form.width) return false;
  std::vector<uint8_t> row(samples * form.width);
  uint8_t* rgb = image.pixels.data();
  const bool is_grey = form.photometric == PHOTOMETRIC_MINISBLACK;
  for (uint32_t y = 0; y < form.height; ++y) {
    if (TIFFReadScanline(file, row.data(), y, 0) != 1) return false;
    for (size_t x = 0; x < form.width; ++x, rgb += 3)
      for (size_t channel = 0; channel < 3; ++channel)
        rgb[channel] = row[x * samples + (is_grey ? 0 : channel)];
  }
  return true;
}

// The rows stay in the order of the file: the orientation is applied as that of other images.
bool read_converted(TIFF* file, Image& image, TiffSource& source) {
  std::array<char, 1024> message{};
  TIFFRGBAImage reader{};
  if (TIFFRGBAImageBegin(&reader, file, 1, message.data()) != 1) {
    if (source.error.empty()) source.error = message.data();
    return false;
  }
  reader.req_orientation = reader.orientation;
  std::vector<uint32_t> pixels(size_t{reader.width} * reader.height);
  const bool is_whole = TIFFRGBAImageGet(&reader, pixels.data(), reader.width, reader.height) == 1;
  TIFFRGBAImageEnd(&reader);
  uint8_t* rgb = image.pixels.data();
  for (const uint32_t pixel : pixels)
    for (const uint32_t channel : {TIFFGetR(pixel), TIFFGetG(pixel), TIFFGetB(pixel)})
      *rgb++ = static_cast<uint8_t>(channel);
  return is_whole && source.error.empty();
}

}  // namespace

DecodedImage decode_tiff(Bytes bytes, const std::string& name, const DecodeRules& rules) {
  TiffSource source{bytes};
  const auto fail_tiff = [&] {
    fail_corrupt("a whole TIFF image", source.error.empty() ? "damaged data" : source.error, name);
  };
  const TiffFile file = open_tiff(source, rules.pixel_limit);
  if (!file) fail_tiff();
  const TiffForm form = form_of(file.get());
  check_size(form.width, form.height, name, rules.pixel_limit);
  const bool as_rows = reads_as_rows(file.get(), form);
  if (form.bits > 8 || (form.extras > 0 && (!as_rows || form.is_premultiplied)) ||
      form.photometric == PHOTOMETRIC_SEPARATED)
    fail_corrupt("a TIFF image of at most 8 bits a sample, grey, RGB or with a palette",
                 text(form.samples, " samples of ", form.bits, " bits, ", form.extras,
                      " of them extra, photometric ", form.photometric),
                 name);
  DecodedImage decoded{make_image(form.width, form.height, name, rules.pixel_limit),
                       field<uint16_t>(file.get(), TIFFTAG_ORIENTATION, 1)};
  const bool is_whole = as_rows ? read_rows(file.get(), form, decoded.image)
                                : read_converted(file.get(), decoded.image, source);
  if (!is_whole) fail_tiff();
  return decoded;
}

}  // namespace submask
