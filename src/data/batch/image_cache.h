// Images kept as they are before chance varies them, so that later epochs and runs neither decode
// nor resize them again. Batches are the same, bit for bit, with and without a cache.
//
// Where a transform's crops are the same in every epoch (the test transform, paper-supervised) the
// resized pixels are kept, otherwise the decoded image. Safe from many threads; of several
// processes the first writes to a file and the others read it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <submask/dataset.h>
#include <submask/loader.h>

namespace submask {

// Null where no kind is set. Images are stored when they are first read. Throws invalid_argument
// for another kind or where the cache would not fit in the memory or on the disk that is free, io.
std::shared_ptr<ImageCache> open_image_cache(const Dataset& dataset, const Transform& transform,
                                             const CacheOptions& options);

// "2.1 GB in memory for 50,000 images resized to 224 x 224", before any of it is used.
std::string describe(const ImageCache& cache);

}  // namespace submask
