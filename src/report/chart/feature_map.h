// Features in two dimensions, to look at: which images a network takes for alike, and what a task
// changes about it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace submask {

struct FeatureMapOptions {
  std::string by = "tsne";    // tsne | pca (the two directions of largest variance)
  double perplexity = 30;     // of tsne; at most a third of the rows' number is used
  int64_t iterations = 1000;  // of tsne
  // Iterations done of how many; may throw, to stop. May be empty.
  std::function<void(int64_t done, int64_t total)> progress;
};

// Features [N, D] -> float64 [N, 2]. Rows are brought to length one first, as kNN compares them;
// t-SNE begins with their principal components. The same features give the same map. t-SNE is
// exact: N of some thousands at most. Throws invalid_argument for fewer than 5 rows, features that
// are not finite or that are all equal, and another `by`.
at::Tensor map_features(const at::Tensor& features, const FeatureMapOptions& options);

struct FeatureMap {
  std::string title;
  at::Tensor points;  // float64 [N, 2]
  at::Tensor labels;  // int64 [N]
};

// Maps side by side, the classes told apart by colour and mark. Throws as plot_masked_fraction()
// (plot.h).
void plot_feature_maps(const std::vector<FeatureMap>& maps,
                       const std::vector<std::string>& class_names,
                       const std::filesystem::path& out);

}  // namespace submask
