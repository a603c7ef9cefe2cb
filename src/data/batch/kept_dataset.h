// A data set that decodes each image once, for all readers of it and of its subset()s.
#pragma once

#include <memory>

#include <submask/dataset.h>

#include "data/batch/image_cache.h"

namespace submask {

// The same images as `dataset` has. The cache does not serve requests for scaled-down images
// (fast_decode), and does not keep them.
std::shared_ptr<const Dataset> kept_dataset(std::shared_ptr<const Dataset> dataset,
                                            std::shared_ptr<ImageCache> cache);

// A cache of whole decoded images for it; null for kind "". Throws as open_image_cache() does.
std::shared_ptr<ImageCache> open_decoded_cache(const Dataset& dataset, const CacheOptions& options);

}  // namespace submask
