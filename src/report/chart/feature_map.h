// Features in two dimensions, to look at: which images are alike to a network, and how a task
// changes that.
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
  double perplexity = 30;     // of tsne; never more than a third of the number of rows
  int64_t iterations = 1000;  // of tsne
  // Told after each iteration of t-SNE; may throw, to stop. May be empty.
  std::function<void(int64_t done, int64_t total)> progress;
};

// Features [N, D] -> float64 [N, 2]. Rows are first brought to length one, as kNN compares them;
// t-SNE begins with their principal components. The same features give the same map. t-SNE is
// exact, which takes long for more than some thousand rows. Throws invalid_argument for fewer than
// 5 rows, for features that are not finite or all equal, and for another `by`.
at::Tensor map_features(const at::Tensor& features, const FeatureMapOptions& options);

struct FeatureMap {
  std::string title;
  at::Tensor points;  // float64 [N, 2]
  at::Tensor labels;  // int64 [N]
};

// Draws maps side by side, each class with a colour and a mark. Throws as plot_masked_fraction()
// (plot_task.h).
void plot_feature_maps(const std::vector<FeatureMap>& maps,
                       const std::vector<std::string>& class_names,
                       const std::filesystem::path& out);

}  // namespace submask
