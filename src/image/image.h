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

// An image of any kind, which its content tells. Errors call it `name`.
Image decode_image(Bytes bytes, const std::string& name, const DecodeRules& rules = {},
                   const ImageRequest& request = {});

}  // namespace submask
