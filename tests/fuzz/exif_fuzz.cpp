// Any bytes as an EXIF block, or else as an XMP block. Turning an image upright by what is found
// there, and back, gives the image.
#include <array>
#include <numeric>

#include "image/exif.h"
#include "image_check.h"

namespace {

// Entry i turns back what orientation i does: a quarter turn by the other one, the rest by
// themselves.
constexpr std::array inverse = {0, 1, 2, 3, 4, 5, 8, 7, 6};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const submask::Bytes bytes(data, size);
  submask::check_reader(bytes, /*factor=*/1, [&] {
    const auto by_xmp = submask::xmp_orientation(bytes);
    const int orientation = submask::exif_orientation(bytes).value_or(by_xmp.value_or(1));
    if (orientation < 1 || orientation > 8) std::abort();
    submask::Image image{3, 2, std::vector<uint8_t>(18)};
    std::iota(image.pixels.begin(), image.pixels.end(), uint8_t{0});
    const submask::Image upright = submask::apply_orientation(image, orientation);
    submask::check_decoded({upright, orientation}, submask::fuzzed_pixels);
    const submask::Image back =
        submask::apply_orientation(upright, inverse.at(static_cast<size_t>(orientation)));
    if (back.width != image.width || back.pixels != image.pixels) std::abort();
  });
  return 0;
}
