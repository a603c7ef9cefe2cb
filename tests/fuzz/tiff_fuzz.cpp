// Any bytes as a TIFF image.
#include "image_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const submask::Bytes bytes(data, size);
  submask::check_decoder(
      bytes, [&](const auto& rules) { return submask::decode_tiff(bytes, "FILE", rules); });
  return 0;
}
