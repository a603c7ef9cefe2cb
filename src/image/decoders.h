// Decoders of the image formats, from bytes in memory to 8-bit RGB. Internal to image/.
//
// Messages call the image `name`. All throw corrupt_file. None allocates pixels before it knows
// that the size in the header is within the limit of the rules. None turns the image, or refuses
// one that is damaged: decode_image() does.
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

// The part of the request is that of the image as it will be shown by the rules.
DecodedImage decode_jpeg(Bytes bytes, const std::string& name, const DecodeRules& rules,
                         const ImageRequest& request);
DecodedImage decode_png(Bytes bytes, const std::string& name, const DecodeRules& rules);
DecodedImage decode_webp(Bytes bytes, const std::string& name, const DecodeRules& rules);
DecodedImage decode_bmp(Bytes bytes, const std::string& name, const DecodeRules& rules);
DecodedImage decode_gif(Bytes bytes, const std::string& name, const DecodeRules& rules);
DecodedImage decode_tiff(Bytes bytes, const std::string& name, const DecodeRules& rules);
DecodedImage decode_pnm(Bytes bytes, const std::string& name, const DecodeRules& rules);

// Throws corrupt_file unless an image has between 1 and `pixel_limit` pixels.
void check_size(int64_t width, int64_t height, const std::string& name, int64_t pixel_limit);

// check_size(), then an image of this size with its pixels allocated.
Image make_image(int64_t width, int64_t height, const std::string& name, int64_t pixel_limit);

}  // namespace submask
