// Fits the router of a cascade.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "cascade/cascade.h"

namespace submask {

struct RouterOptions {
  RouterKind kind = RouterKind::gmm;
  int64_t width = 20;            // of the whitened PCA, at most
  int64_t experts = 5;           // at most
  int64_t smallest_cluster = 1;  // images
  uint64_t seed = 0;
};

// Fits a router to the dispatcher's features of the training images, float32 [N, D]. Clusters with
// fewer images than options.smallest_cluster are dissolved, the smallest first, and their images go
// to the next likeliest experts; at least one expert stays. `note` (may be empty) receives a line
// for each dissolved cluster, and where there are fewer experts or dimensions than the options ask
// for. Throws invalid_argument for a wrong kind or number of experts, or features that are not
// finite.
Router fit_router(const at::Tensor& features, const RouterOptions& options,
                  const std::function<void(const std::string&)>& note);

}  // namespace submask
