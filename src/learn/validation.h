// Measures the accuracy on the validation part between epochs.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <submask/evaluate.h>
#include <submask/head.h>
#include <submask/loader.h>
#include <submask/train.h>

#include "data/batch/image_cache.h"

namespace submask {

class Validation {
 public:
  // Opens a cache for images under a transform; returns null where nothing is cached.
  using OpenCache =
      std::function<std::shared_ptr<ImageCache>(const Dataset& images, const Transform& transform)>;

  // All references must outlive it.
  Validation(Backbone& backbone, const DataSplits& data, const TrainSettings& settings,
             OpenCache open_cache);

  // Returns the accuracy of the head. Without labels it is that of kNN, with the training images as
  // neighbours.
  double accuracy(const std::optional<Head>& head);

 private:
  Features features_of(const std::shared_ptr<const Dataset>& images,
                       std::shared_ptr<ImageCache>& cache);

  Backbone& backbone_;
  const DataSplits& data_;
  const TrainSettings& settings_;
  OpenCache open_cache_;
  std::shared_ptr<ImageCache> validation_cache_, bank_cache_;
};

}  // namespace submask
