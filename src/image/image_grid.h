// A picture of many images with a caption under each, for looking at data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <submask/image.h>

namespace submask {

struct CaptionedImage {
  Image image;
  std::string caption;
};

// Rows of `columns` images on white. All images are enlarged by the same whole factor, so that the
// larger side of the largest has at least 96 pixels; a smaller image stands in the middle of its
// cell. A caption that is too long for two lines ends in "..", and a byte that is not printable
// ASCII is drawn as \xHH. Throws invalid_argument for no images, no columns, or a picture of more
// than 400 million pixels.
Image draw_grid(const std::vector<CaptionedImage>& images, int64_t columns);

}  // namespace submask
