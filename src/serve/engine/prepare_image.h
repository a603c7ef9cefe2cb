// One image as a network's input.
#pragma once

#include <ATen/core/Tensor.h>

#include <submask/image.h>
#include <submask/preprocessing.h>

namespace submask {

// uint8 [3, S, S], in memory row by row with the colours of a pixel together. Throws
// invalid_argument for pixels that are not width x height x 3 bytes.
at::Tensor prepare_image(const Image& image, const Preprocessing& preprocessing);

}  // namespace submask
