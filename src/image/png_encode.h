// An image as the bytes of a PNG file.
#pragma once

#include <cstdint>
#include <vector>

#include <submask/image.h>

namespace submask {

// In 8-bit RGB. The same image gives the same bytes. Throws invalid_argument for an image whose
// pixels are not width x height x 3 bytes.
std::vector<uint8_t> encode_png(const Image& image);

}  // namespace submask
