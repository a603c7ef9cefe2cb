// Accuracy on the validation part, as it stands between epochs.
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
  // Of the images as a transform leaves them; null where nothing is cached.
  using OpenCache =
      std::function<std::shared_ptr<ImageCache>(const Dataset& images, const Transform& transform)>;

  // All references must outlive it.
  Validation(Backbone& backbone, const DataSplits& data, const TrainSettings& settings,
             OpenCache open_cache);

  // With labels, of the head; without, of neighbours among the training images, of which a
  // validation image is none.
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
