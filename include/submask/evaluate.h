// Measures features and predictions: accuracy, k nearest neighbours, linear probe.
//
// All but extract_features() work on matrices, so that they serve a plain backbone and a task
// alike.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <submask/backbone.h>
#include <submask/head.h>
#include <submask/loader.h>

namespace submask {

struct Features {
  at::Tensor values;                 // float32 [N, D], CPU
  at::Tensor labels;                 // int64 [N], CPU
  std::vector<std::string> skipped;  // images that did not decode (skip_bad_images)
};

// Pooled features of a whole data set, in its order, by the current weights of the backbone with
// the network in eval mode. progress(images done, total) is called after each batch; it may be
// empty.
Features extract_features(Backbone& backbone, std::shared_ptr<const Dataset> dataset,
                          const Transform& transform, const LoaderOptions& loader,
                          const std::function<void(int64_t, int64_t)>& progress = {});

// The features of the images with the indices `chosen`, in that order. `features` are those of the
// whole `dataset`. Images without features are left out and named in `skipped`.
Features select_features(const Features& features, const Dataset& dataset,
                         const std::vector<int64_t>& chosen);

// The scores of features [N, D], which must be finite, by any head: float32 [N, C], CPU. They are
// logits; for a bank, logarithms of the shares of votes, so that a softmax gives these shares.
// Throws as head_size() does, and invalid_argument for features of another width.
at::Tensor head_scores(const Head& head, const at::Tensor& features);

// How a cascade's router finds the expert of an image: by the likeliest component of a Gaussian
// mixture of the dispatcher's features, or by their nearest centre.
enum class RouterKind { gmm, kmeans };
constexpr auto names_of(RouterKind) { return std::array{"gmm", "kmeans"}; }

// How a cascade file is used: with the expert that the router chooses (two passes for each image),
// or with all experts.
enum class CascadeMode { conditional, unconditional };
constexpr auto names_of(CascadeMode) { return std::array{"conditional", "unconditional"}; }

struct Accuracy {
  double accuracy = 0;             // share of right predictions
  double mean_class_accuracy = 0;  // mean over the classes that have samples
  int64_t count = 0;
};

// predictions, labels: int64 [N], 0 ... classes-1. Throws invalid_argument where N is 0.
Accuracy measure_accuracy(const at::Tensor& predictions, const at::Tensor& labels, int64_t classes);

enum class KnnPreset { paper, dino };  // k 200 and T .1; k 20 and T .07
constexpr auto names_of(KnnPreset) { return std::array{"paper", "dino"}; }
KnnOptions knn_preset(KnnPreset preset);

// Cosine kNN for queries [N, D] in a bank [M, D]: float32 [N, C], each class's share of the votes
// (a row sums to 1). Of equal similarities the lower bank index comes first. Works in tiles, so
// that memory stays bounded for a bank of a million images.
at::Tensor knn_scores(const Features& bank, const at::Tensor& queries, int64_t classes,
                      const KnnOptions& options);

// A head of the labelled features [M, D]. Its temperature is rounded as files keep it. Throws as
// head_size() does, and invalid_argument for features that are not finite.
BankHead bank_head(const Features& labelled, int64_t classes, const KnnOptions& options);

struct LinearProbe {
  at::Tensor weight;  // float32 [C, D]
  at::Tensor bias;    // float32 [C]
  int64_t iterations = 0;
  double loss = 0;  // mean cross-entropy + (l2 / 2) |W|^2 at the optimum
  double gradient_norm = 0;

  LinearHead head() const { return {weight, bias}; }
};

struct LinearProbeOptions {
  // Lambda of mean cross-entropy + (lambda / 2) |W|^2; the bias is not in W. Not set: .01 / n.
  std::optional<double> l2;
  int64_t max_iterations = 1000;
  double tolerance = 1e-6;  // stops when no entry of the gradient is larger
};

// Multinomial logistic regression by L-BFGS in float64. The optimum is that of scikit-learn's
// LogisticRegression(C = 1 / (n * l2)). Features are not scaled. A class without training samples
// gets zero weights and a bias so low that it is never predicted. Throws invalid_argument for
// features that are not finite.
LinearProbe fit_linear_probe(const Features& train, int64_t classes,
                             const LinearProbeOptions& options);

}  // namespace submask
