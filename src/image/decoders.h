// Decoders of the three image formats, from bytes in memory to 8-bit RGB. Internal to image/.
//
// Messages call the image `name`. All throw corrupt_file. None allocates pixels before it knows
// that the size in the header is within `pixel_limit`.
#pragma once

#include <cstdint>
#include <string>

#include <submask/image.h>

#include "base/file.h"

namespace submask {

struct DecodedImage {
  Image image;
  int orientation = 1;  // EXIF's 1-8, not yet applied
};

DecodedImage decode_jpeg(Bytes bytes, const std::string& name, int64_t pixel_limit,
                         const ImageRequest& request);
DecodedImage decode_png(Bytes bytes, const std::string& name, int64_t pixel_limit);
DecodedImage decode_webp(Bytes bytes, const std::string& name, int64_t pixel_limit);

// Throws corrupt_file unless an image has between 1 and `pixel_limit` pixels.
void check_size(int64_t width, int64_t height, const std::string& name, int64_t pixel_limit);

// check_size(), then an image of this size with its pixels allocated.
Image make_image(int64_t width, int64_t height, const std::string& name, int64_t pixel_limit);

}  // namespace submask
