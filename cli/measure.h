// Measuring a network on a test set, as train and evaluate both report it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <submask/backbone.h>
#include <submask/dataset.h>
#include <submask/evaluate.h>
#include <submask/head.h>

#include "cascade/cascade.h"
#include "cli/option/input_options.h"
#include "cli/option/shared_options.h"

namespace submask::cli {

struct MeasureOptions {
  KnnOptions knn = knn_preset("paper");

  void add_to(CLI::App& command);
};

// The network as it is bound now, over a data set's splits. Features are extracted once a split.
class Measurement {
 public:
  Measurement(Backbone& backbone, const DataSplits& data, Transform transform,
              const InputOptions& input, const SharedOptions& shared);

  // The features of a cascade from now on, which must outlive this; --feature-cache does not keep
  // them.
  void measure_cascade(CascadePredictor& cascade) { cascade_ = &cascade; }

  // Probabilities [N, C] of the test images: a head's by softmax (throws invalid_argument where
  // classes differ), the neighbours' as shares of the votes.
  at::Tensor head_probabilities(const std::optional<Head>& head);
  at::Tensor knn_probabilities(const KnnOptions& options);

  Accuracy head(const std::optional<Head>& head) { return accuracy_of(head_probabilities(head)); }
  Accuracy knn(const KnnOptions& options) { return accuracy_of(knn_probabilities(options)); }

  // Heads made of the training images.
  Head probe_head(double l2);  // a linear probe
  Head neighbour_head(const KnnOptions& options);

  // accuracy, mean_class_accuracy, bad_images (where some were skipped) into a result.
  void report(const Accuracy& accuracy, Json& result) const;

  double images_per_second() const {
    return seconds_ > 0 ? static_cast<double>(images_) / seconds_ : 0;
  }

  const Features& test();                                   // the test set's
  const Features& bank();                                   // the training set's
  bool has_bank() const { return bank_.values.defined(); }  // whether anything looked at it

 private:
  Features training_features();
  Features features_of(const std::shared_ptr<const Dataset>& dataset, const char* what);
  Features extract(const std::shared_ptr<const Dataset>& dataset, const char* what);
  Accuracy accuracy_of(const at::Tensor& probabilities);
  int64_t classes() const { return static_cast<int64_t>(data_.train->class_names().size()); }

  Backbone& backbone_;
  const DataSplits& data_;
  Transform transform_;
  const InputOptions& input_;
  const SharedOptions& shared_;
  CascadePredictor* cascade_ = nullptr;
  Features test_, bank_;
  int64_t images_ = 0;
  double seconds_ = 0;  // spent on features
};

// What made a number: method, backbone, weights_identity, data, data_digest, seed, commit.
Json result_header(const std::string& method, const Backbone& backbone, const InputOptions& input,
                   const DataSplits& data, const SharedOptions& shared);

}  // namespace submask::cli
