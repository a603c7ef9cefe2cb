// Keeps images as they are before they are varied at random, so that later epochs and runs need not
// decode or resize them again. Batches are the same, bit for bit, with and without a cache.
//
// Where the crops of a transform show the same part in every epoch (the test transform,
// paper-supervised), the cache keeps the resized pixels, otherwise the decoded image. Many threads
// may use it. Of several processes the first writes to the file, and the others only read it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <submask/dataset.h>
#include <submask/loader.h>

namespace submask {

// "2.1 GB in memory for 50,000 images resized to 224 x 224": what the full cache is expected to be.
std::string describe(const ImageCache& cache);

}  // namespace submask
