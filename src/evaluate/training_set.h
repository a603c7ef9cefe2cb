// Properties of a training set that may explain how well a network adapts to it.
#pragma once

#include <cstdint>

#include <submask/dataset.h>
#include <submask/evaluate.h>

namespace submask {

struct TrainingSetProperties {
  int64_t classes = 0;
  int64_t images = 0;         // that decode
  double label_entropy = 0;   // nats, of the classes' shares: ln(classes) where they are equal
  double class_balance = 0;   // images of the smallest class over those of the largest
  double image_size = 0;      // pixels: root of the median area, of at most 100 images
  double class_distance = 0;  // mean over pairs of classes of 1 - cosine of their mean features,
                              // features at length one; NaN where fewer than two have images
};

// `features` are those of all images of the data set. A fixed seed draws the images whose size is
// measured. Throws invalid_argument for no features.
TrainingSetProperties describe_training_set(const Dataset& dataset, const Features& features);

}  // namespace submask
