// Decoding an image that is already in memory: read_image() without the file.
#pragma once

#include <cstdint>
#include <string>

#include <submask/image.h>

#include "base/file.h"

namespace submask {

// JPEG, PNG or WebP by content, EXIF orientation applied. `name` is what errors call the image.
Image decode_image(Bytes bytes, const std::string& name, int64_t pixel_limit = usual_pixel_limit,
                   const ImageRequest& request = {});

}  // namespace submask
