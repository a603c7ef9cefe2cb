// The orientation, which is the one EXIF field that changes how an image looks.
#pragma once

#include <submask/image.h>

#include "base/file.h"

namespace submask {

// The orientation 1-8 from an EXIF block: a TIFF header and its first directory, with or without
// "Exif\0\0" before it. For a damaged block it is 1, the identity, because the image itself may be
// whole.
int exif_orientation(Bytes exif);

// The image turned upright.
Image apply_orientation(Image image, int orientation);

}  // namespace submask
