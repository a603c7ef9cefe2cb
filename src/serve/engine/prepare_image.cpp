#include "serve/engine/prepare_image.h"

#include <span>

#include <ATen/ATen.h>

#include "base/fail.h"
#include "data/batch/transform.h"

namespace submask {

at::Tensor prepare_image(const Image& image, const Preprocessing& preprocessing) {
  if (image.width < 1 || image.height < 1 ||
      std::ssize(image.pixels) != int64_t{3} * image.width * image.height)
    fail_argument("an image of width x height x 3 bytes",
                  text(image.width, " x ", image.height, " and ", image.pixels.size(), " bytes"));
  Transform transform;
  transform.preprocessing = preprocessing;
  check_transform(transform);
  const int64_t side = preprocessing.input_size;
  const at::Tensor pixels = at::empty({side, side, 3}, at::kByte);
  Transformer(preprocessing)
      .cut(image, std::nullopt, /*mirrored=*/false, side,
           std::span(pixels.mutable_data_ptr<uint8_t>(), static_cast<size_t>(pixels.numel())));
  return pixels.permute({2, 0, 1});
}

}  // namespace submask
