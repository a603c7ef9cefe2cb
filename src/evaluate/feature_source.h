// The loop over a data set that extract_features() and the cascade's features share.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <submask/evaluate.h>

namespace submask {

struct FeatureSource {
  // Normalised images [N, 3, S, S] on `device` -> [N, width].
  std::function<at::Tensor(const at::Tensor&)> features;
  int64_t width = 0;
  at::Device device = at::kCPU;
};

// As extract_features() (evaluate.h).
Features collect_features(const FeatureSource& source, std::shared_ptr<const Dataset> dataset,
                          const Transform& transform, const LoaderOptions& loader,
                          const std::function<void(int64_t, int64_t)>& progress);

// For each row of `features` the number of its image in the data set, which also has the images
// that were skipped.
std::vector<int64_t> decoded_images(const Dataset& dataset, const Features& features);

}  // namespace submask
