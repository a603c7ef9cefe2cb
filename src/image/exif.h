// The orientation, which is the one EXIF field that changes how an image looks.
#pragma once

#include <optional>

#include <submask/image.h>

#include "base/file.h"

namespace submask {

// The orientation 1-8 from an EXIF block: a TIFF header and its first directory, with or without
// "Exif\0\0" before it. A damaged block has none, because the image itself may be whole.
std::optional<int> exif_orientation(Bytes exif);

// That of an XMP block, which counts where there is no EXIF field: as in Pillow, the digit behind
// tiff:Orientation=" or tiff:Orientation>.
std::optional<int> xmp_orientation(Bytes xmp);

// The image turned upright.
Image apply_orientation(Image image, int orientation);

}  // namespace submask
