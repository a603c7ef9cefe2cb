#include "learn/validation.h"

#include <utility>

#include <ATen/ATen.h>

namespace submask {

Validation::Validation(Backbone& backbone, const DataSplits& data, const TrainSettings& settings,
                       OpenCache open_cache)
    : backbone_(backbone), data_(data), settings_(settings), open_cache_(std::move(open_cache)) {}

double Validation::accuracy(const std::optional<Head>& head) {
  const auto classes = static_cast<int64_t>(data_.train->class_names().size());
  const Features validation = features_of(data_.validation, validation_cache_);
  const at::Tensor scores =
      learns_without_labels(settings_.method)
          ? knn_scores(features_of(data_.train, bank_cache_), validation.values, classes,
                       knn_preset(KnnPreset::paper))
          : head_scores(head.value(), validation.values);
  return measure_accuracy(scores.argmax(1), validation.labels, classes).accuracy;
}

Features Validation::features_of(const std::shared_ptr<const Dataset>& images,
                                 std::shared_ptr<ImageCache>& cache) {
  const Transform transform = test_transform(settings_.input, backbone_.info().preprocessing);
  if (!cache) cache = open_cache_(*images, transform);
  LoaderOptions options = loader_options(settings_.input);
  options.cache = cache;
  return extract_features(backbone_, images, transform, options);
}

}  // namespace submask
