// Measuring a network on a test set: features once a split, heads made of the training images, and
// accuracies.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <submask/backbone.h>
#include <submask/dataset.h>
#include <submask/evaluate.h>
#include <submask/loader.h>

namespace submask {

// What a measurement tells while it works; both may be empty.
struct MeasurementHooks {
  std::function<void(const std::string& line)> note;
  // Images of a split ("test set") whose features are known. May throw, to stop.
  std::function<void(const std::string& split, int64_t done, int64_t total)> images;
};

// How a network's features of a data set come about, as extract_features() of a backbone.
using FeatureExtractor = std::function<Features(
    const std::shared_ptr<const Dataset>& dataset, const Transform& transform,
    const LoaderOptions& loader, const std::function<void(int64_t, int64_t)>& progress)>;

struct MeasurementOptions {
  Preprocessing preprocessing;  // what the network takes, which `input` may change
  InputSettings input;
  std::string feature_cache = {};   // a folder that keeps the backbone's features; "": none
  FeatureExtractor extractor = {};  // in place of the backbone; its features are not kept
  MeasurementHooks hooks = {};
};

// The network as it is bound now.
class Measurement {
 public:
  // `backbone` and `data` must outlive it.
  Measurement(Backbone& backbone, const DataSplits& data, MeasurementOptions options);

  // Probabilities [N, C] of the test images: a head's by softmax (throws invalid_argument where
  // classes differ or there is none), the neighbours' as shares of the votes.
  at::Tensor head_probabilities(const std::optional<Head>& head);
  at::Tensor knn_probabilities(const KnnOptions& options);

  Accuracy head(const std::optional<Head>& head) { return accuracy_of(head_probabilities(head)); }
  Accuracy knn(const KnnOptions& options) { return accuracy_of(knn_probabilities(options)); }

  // Heads made of the training images.
  Head probe_head(std::optional<double> l2);  // a linear probe
  Head neighbour_head(const KnnOptions& options);

  // Not set where every feature came from the cache.
  std::optional<double> images_per_second() const;

  const Features& test();                                   // the test set's
  const Features& bank();                                   // the training set's
  bool has_bank() const { return bank_.values.defined(); }  // whether anything looked at it
  const std::vector<std::string>& bad_images() const { return test_.skipped; }

 private:
  Features training_features();
  Features features_of(const std::shared_ptr<const Dataset>& dataset, const std::string& split);
  Features extract(const std::shared_ptr<const Dataset>& dataset, const std::string& split);
  Accuracy accuracy_of(const at::Tensor& probabilities);
  bool keeps_features() const { return !options_.feature_cache.empty() && !options_.extractor; }
  int64_t classes() const { return std::ssize(data_.train->class_names()); }
  void note(const std::string& line) const;

  Backbone& backbone_;
  const DataSplits& data_;
  MeasurementOptions options_;
  const Transform transform_;
  Features test_, bank_;
  int64_t images_ = 0;
  double seconds_ = 0;  // spent on features
};

}  // namespace submask
