// What every image decoder promises, whatever it is fed.
#pragma once

#include <cstdlib>

#include "image/decoders.h"
#include "reader_check.h"

namespace submask {

// Small, so that many images are tried in a second.
constexpr int64_t fuzzed_pixels = 1 << 16;

inline void check_decoded(const DecodedImage& decoded, int64_t pixel_limit) {
  const Image& image = decoded.image;
  const int64_t pixels = int64_t{image.width} * image.height;
  if (image.width < 1 || image.height < 1 || pixels > pixel_limit ||
      image.pixels.size() != static_cast<size_t>(3 * pixels) || decoded.orientation < 1 ||
      decoded.orientation > 8)
    std::abort();
  touch(image.pixels);
}

// check_reader() of `decode`, which gets rules. What the image libraries take by malloc()
// is limited by libFuzzer's -malloc_limit_mb.
template <typename Decode>
void check_decoder(Bytes bytes, const Decode& decode) {
  check_reader(bytes, /*factor=*/4, [&] {
    check_decoded(decode(DecodeRules{.pixel_limit = fuzzed_pixels}), fuzzed_pixels);
  });
}

}  // namespace submask
