#include <algorithm>
#include <memory>
#include <optional>
#include <webp/decode.h>
#include <webp/demux.h>

#include "base/fail.h"
#include "image/decoders.h"
#include "image/exif.h"

namespace submask {
namespace {

using Demuxer = std::unique_ptr<WebPDemuxer, decltype(&WebPDemuxDelete)>;
using Animation = std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)>;

// What `read` makes of the first chunk of this name; nothing where there is none.
std::optional<int> orientation_of_chunk(const WebPDemuxer* demuxer, const char* name,
                                        std::optional<int> (*read)(Bytes)) {
  WebPChunkIterator chunk{};
  if (WebPDemuxGetChunk(demuxer, name, 1, &chunk) == 0) return std::nullopt;
  const auto orientation = read({chunk.chunk.bytes, chunk.chunk.size});
  WebPDemuxReleaseChunkIterator(&chunk);
  return orientation;
}

int find_orientation(const WebPDemuxer* demuxer) {
  if (const auto exif = orientation_of_chunk(demuxer, "EXIF", exif_orientation)) return *exif;
  return orientation_of_chunk(demuxer, "XMP ", xmp_orientation).value_or(1);
}

bool decode_first_frame(const WebPData& data, Image& image) {
  WebPAnimDecoderOptions options;
  if (WebPAnimDecoderOptionsInit(&options) == 0) return false;
  options.color_mode = MODE_RGBA;
  const Animation animation(WebPAnimDecoderNew(&data, &options), WebPAnimDecoderDelete);
  uint8_t* frame = nullptr;
  int timestamp_ms = 0;
  if (!animation || WebPAnimDecoderGetNext(animation.get(), &frame, &timestamp_ms) == 0)
    return false;
  for (size_t i = 0; i < image.pixels.size(); i += 3, frame += 4)
    std::copy_n(frame, 3, &image.pixels[i]);
  return true;
}

}  // namespace

DecodedImage decode_webp(Bytes bytes, const std::string& name, const DecodeRules& rules) {
  const auto fail_webp = [&] {
    fail_corrupt("a whole WebP image", "damaged or truncated data", name);
  };
  const WebPData data{bytes.data(), bytes.size()};
  // The demuxer accepts whole files only: a cut one stops here.
  const Demuxer demuxer(WebPDemux(&data), WebPDemuxDelete);
  WebPBitstreamFeatures features{};
  if (!demuxer || WebPGetFeatures(bytes.data(), bytes.size(), &features) != VP8_STATUS_OK)
    fail_webp();
  DecodedImage decoded{make_image(features.width, features.height, name, rules.pixel_limit),
                       find_orientation(demuxer.get())};
  Image& image = decoded.image;
  const bool whole = features.has_animation != 0
                         ? decode_first_frame(data, image)
                         : WebPDecodeRGBInto(bytes.data(), bytes.size(), image.pixels.data(),
                                             image.pixels.size(), image.width * 3) != nullptr;
  if (!whole) fail_webp();
  return decoded;
}

}  // namespace submask
