// How the router of a cascade is fitted.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "cascade/cascade.h"

namespace submask {

struct RouterOptions {
  RouterKind kind = RouterKind::gmm;
  int64_t width = 20;  // of the whitened PCA
  int64_t experts = 5;
  int64_t smallest_cluster = 1;  // images
  uint64_t seed = 0;
};

// From the dispatcher's features of the training images, float32 [N, D]. A cluster of fewer images
// than the smallest allowed is dissolved, the smallest first, and its images go to the expert they
// are next likeliest to belong to; one expert stays at least. `note` (may be empty) is told of
// that, and of whatever else cannot be had as asked for. Throws invalid_argument.
Router fit_router(const at::Tensor& features, const RouterOptions& options,
                  const std::function<void(const std::string&)>& note);

}  // namespace submask
