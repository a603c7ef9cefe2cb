#include "evaluate/training_set.h"

#include <cmath>
#include <limits>

#include <ATen/ATen.h>

#include "base/fail.h"
#include "data/set/dataset_report.h"
#include "numeric/unit_length.h"

namespace submask {
namespace {

double median_side(const Dataset& dataset) {
  constexpr int64_t sample = 100;
  const ImageSize size =
      measure_images(dataset, sample, /*seed=*/0, {.threads = 1, .progress = {}}).median;
  return std::sqrt(static_cast<double>(size.width) * size.height);
}

// With u_i the directions of C classes, |sum u|^2 = C + the cosines of all ordered pairs.
double mean_class_distance(const Features& features, const at::Tensor& counts) {
  const at::Tensor sums =
      at::zeros({counts.numel(), features.values.size(1)}, at::kDouble)
          .index_add(0, features.labels, unit_length(features.values).to(at::kDouble));
  const at::Tensor directions = sums.index_select(0, counts.nonzero().flatten());
  const auto classes = static_cast<double>(directions.size(0));
  if (classes < 2) return std::numeric_limits<double>::quiet_NaN();
  const at::Tensor lengths = directions.norm(2, 1, /*keepdim=*/true).clamp_min(1e-30);
  const auto together = (directions / lengths).sum(0).square().sum().item<double>();
  return 1 - (together - classes) / (classes * (classes - 1));
}

}  // namespace

TrainingSetProperties describe_training_set(const Dataset& dataset, const Features& features) {
  if (features.labels.numel() == 0) fail_argument("features of training images", "none");
  TrainingSetProperties set;
  set.classes = std::ssize(dataset.class_names());
  set.images = features.labels.numel();
  const at::Tensor counts = at::bincount(features.labels, {}, set.classes);
  const at::Tensor shares = counts.to(at::kDouble) / static_cast<double>(set.images);
  set.label_entropy = -at::xlogy(shares, shares).sum().item<double>();
  set.class_balance = counts.min().item<double>() / counts.max().item<double>();
  set.image_size = median_side(dataset);
  set.class_distance = mean_class_distance(features, counts);
  return set;
}

}  // namespace submask
