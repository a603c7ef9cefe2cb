// Any bytes as a PNG image.
#include "image_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const submask::Bytes bytes(data, size);
  submask::check_decoder(
      bytes, [&](int64_t pixel_limit) { return submask::decode_png(bytes, "FILE", pixel_limit); });
  return 0;
}
