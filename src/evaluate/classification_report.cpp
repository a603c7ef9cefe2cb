#include "evaluate/classification_report.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/fail.h"
#include "numeric/feature_matrix.h"

namespace submask {
namespace {

constexpr int64_t most_answers = 5;

at::Tensor probability_matrix(const at::Tensor& probabilities) {
  if (!probabilities.defined() || probabilities.dim() != 2 || !probabilities.is_floating_point())
    fail_argument("probabilities as a floating-point matrix [N, C]", described(probabilities));
  if (probabilities.size(0) == 0 || probabilities.size(1) == 0)
    fail_argument("at least one sample and one class", text(probabilities.sizes()));
  at::Tensor matrix = probabilities.detach().to(at::kCPU, at::kDouble).contiguous();
  const at::Tensor bad =
      ((matrix.sum(1) - 1).abs() <= 1e-3).logical_and_((matrix >= 0).all(1)).logical_not_();
  if (bad.any().item<bool>())
    fail_argument("probabilities of 0 or more that sum to 1",
                  text("others in row ", bad.to(at::kInt).argmax().item<int64_t>()));
  return matrix;
}

// How many classes come before the label: those with a higher probability, and those with an equal
// one and a lower number.
int64_t rank_of(const double* row, int64_t classes, int64_t label) {
  int64_t rank = 0;
  for (int64_t c = 0; c < classes; ++c)
    rank += row[c] > row[label] || (row[c] == row[label] && c < label) ? 1 : 0;
  return rank;
}

int64_t bin_of(double confidence) {
  const auto bin = static_cast<int64_t>(std::ceil(confidence * calibration_bins)) - 1;
  return std::clamp<int64_t>(bin, 0, calibration_bins - 1);
}

// Divides the bins' sums by their counts. Returns the expected calibration error.
double finish_calibration(std::vector<CalibrationBin>& bins, int64_t samples) {
  double error = 0;
  for (CalibrationBin& bin : bins) {
    if (bin.count == 0) continue;
    error += std::abs(bin.accuracy - bin.confidence) / static_cast<double>(samples);
    bin.confidence /= static_cast<double>(bin.count);
    bin.accuracy /= static_cast<double>(bin.count);
  }
  return error;
}

}  // namespace

double ClassificationReport::class_accuracy(int64_t label) const {
  const auto samples = static_cast<double>(class_samples.at(static_cast<size_t>(label)));
  if (samples == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(class_right.at(static_cast<size_t>(label))) / samples;
}

ClassificationReport report_classification(const at::Tensor& probabilities,
                                           const at::Tensor& labels) {
  const at::NoGradGuard no_grad;
  const at::Tensor matrix = probability_matrix(probabilities);
  const int64_t samples = matrix.size(0), classes = matrix.size(1);
  const at::Tensor truth = class_vector(labels, samples, classes, "labels");

  ClassificationReport report;
  report.bins.resize(calibration_bins);
  report.predictions = at::empty({samples}, at::kLong);
  report.confidences = at::empty({samples}, at::kDouble);
  report.class_samples.resize(static_cast<size_t>(classes));
  report.class_right.resize(static_cast<size_t>(classes));
  auto* predicted = report.predictions.mutable_data_ptr<int64_t>();
  auto* confidences = report.confidences.mutable_data_ptr<double>();
  int64_t among_five = 0;
  for (int64_t i = 0; i < samples; ++i) {
    const double* row = matrix.const_data_ptr<double>() + i * classes;
    const int64_t label = truth.const_data_ptr<int64_t>()[i];
    predicted[i] = std::max_element(row, row + classes) - row;
    const bool right = predicted[i] == label;
    confidences[i] = row[predicted[i]];
    ++report.class_samples[static_cast<size_t>(label)];
    report.class_right[static_cast<size_t>(label)] += right ? 1 : 0;
    among_five += rank_of(row, classes, label) < most_answers ? 1 : 0;
    CalibrationBin& bin = report.bins[static_cast<size_t>(bin_of(confidences[i]))];
    ++bin.count;
    bin.confidence += confidences[i];
    bin.accuracy += right ? 1 : 0;
  }
  report.accuracy = measure_accuracy(report.predictions, truth, classes);
  report.top5_accuracy = static_cast<double>(among_five) / static_cast<double>(samples);
  report.ece = finish_calibration(report.bins, samples);
  return report;
}

at::Tensor confusion_matrix(const at::Tensor& predictions, const at::Tensor& labels,
                            int64_t classes) {
  if (!labels.defined() || labels.numel() == 0) fail_argument("at least one sample", "none");
  const at::Tensor truth = class_vector(labels, labels.numel(), classes, "labels");
  const at::Tensor predicted = class_vector(predictions, labels.numel(), classes, "predictions");
  return at::bincount(truth * classes + predicted, {}, classes * classes)
      .reshape({classes, classes});
}

}  // namespace submask
