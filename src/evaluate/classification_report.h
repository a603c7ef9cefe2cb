// A classifier's answers beyond their accuracy: which classes it mistakes for which, and whether
// answers are right as often as their probabilities say.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include <submask/evaluate.h>

namespace submask {

// The samples whose highest probability p lies in (b / 15, (b + 1) / 15], for bin b.
struct CalibrationBin {
  int64_t count = 0;
  double confidence = 0;  // mean of p
  double accuracy = 0;    // share of right predictions
};
constexpr int64_t calibration_bins = 15;

struct ClassificationReport {
  Accuracy accuracy;
  // Share of samples whose label is among the five most probable classes; 1 for five classes or
  // fewer.
  double top5_accuracy = 0;
  // Expected calibration error, sum over bins of (count / N) |accuracy - confidence|
  // (Naeini, Cooper, Hauskrecht 2015; with these 15 bins, Guo et al. 2017, equation 5).
  double ece = 0;
  std::vector<CalibrationBin> bins;
  at::Tensor predictions;  // int64 [N]; of classes with equal probabilities the lowest
  at::Tensor confidences;  // float64 [N], the probabilities of the predictions
  std::vector<int64_t> class_samples, class_right;  // [C]

  // The share of right answers among a class's samples; NaN for a class without samples.
  double class_accuracy(int64_t label) const;
};

// probabilities: floating point [N, C], every row summing to 1 within 1e-3; labels: int64 [N] in
// 0 ... C-1. Throws invalid_argument for anything else, and for no samples.
ClassificationReport report_classification(const at::Tensor& probabilities,
                                           const at::Tensor& labels);

// int64 [C, C]: how many samples of class `row` were predicted as class `column`. Throws
// invalid_argument as measure_accuracy().
at::Tensor confusion_matrix(const at::Tensor& predictions, const at::Tensor& labels,
                            int64_t classes);

}  // namespace submask
