// The one EXIF field that changes what an image looks like: its orientation.
#pragma once

#include <submask/image.h>

#include "base/file.h"

namespace submask {

// 1-8 from an EXIF block (a TIFF header and its first directory, with or without "Exif\0\0" before
// it). 1, the identity, for anything damaged: a bad thumbnail or camera note must not cost the
// image.
int exif_orientation(Bytes exif);

// The image turned upright.
Image apply_orientation(Image image, int orientation);

}  // namespace submask
