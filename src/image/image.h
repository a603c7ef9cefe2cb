// Decoding an image that is already in memory: read_image() without the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <submask/image.h>

#include "base/file.h"

namespace submask {

// Whether a file name's ending ("jpg", in small or capital letters) is one of those that images of
// the kinds read here usually have.
bool is_image_ending(std::string_view ending);

// JPEG, PNG or WebP by content, with the EXIF orientation applied. Errors call the image `name`.
Image decode_image(Bytes bytes, const std::string& name, int64_t pixel_limit = usual_pixel_limit,
                   const ImageRequest& request = {});

}  // namespace submask
