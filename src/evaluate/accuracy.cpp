#include <ATen/ATen.h>

#include <submask/evaluate.h>

#include "base/fail.h"
#include "numeric/feature_matrix.h"

namespace submask {

Accuracy measure_accuracy(const at::Tensor& predictions, const at::Tensor& labels,
                          int64_t classes) {
  if (!labels.defined() || labels.numel() == 0) fail_argument("at least one sample", "none");
  const at::Tensor truth = class_vector(labels, labels.numel(), classes, "labels");
  const at::Tensor predicted = class_vector(predictions, labels.numel(), classes, "predictions");

  const at::Tensor samples = at::bincount(truth, {}, classes);
  const at::Tensor right =
      at::bincount(truth.masked_select(predicted == truth), {}, classes).to(at::kDouble);
  const at::Tensor present = samples > 0;
  Accuracy result;
  result.count = truth.numel();
  result.accuracy = right.sum().item<double>() / static_cast<double>(result.count);
  result.mean_class_accuracy = (right / samples).masked_select(present).mean().item<double>();
  return result;
}

}  // namespace submask
