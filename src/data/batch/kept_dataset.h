// A data set that decodes each image once, for whatever reads it and subset()s of it.
#pragma once

#include <memory>

#include <submask/dataset.h>

#include "data/batch/image_cache.h"

namespace submask {

// The same images. A request for a scaled-down image (fast_decode) is neither kept nor answered
// from what is kept.
std::shared_ptr<const Dataset> kept_dataset(std::shared_ptr<const Dataset> dataset,
                                            std::shared_ptr<ImageCache> cache);

// The cache for it, of whole decoded images; null for kind "". Throws as open_image_cache() does.
std::shared_ptr<ImageCache> open_decoded_cache(const Dataset& dataset, const CacheOptions& options);

}  // namespace submask
