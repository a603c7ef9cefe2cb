#include "report/page/class_confusions.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include <ATen/ATen.h>

namespace submask {

std::vector<Confusion> find_confusions(const ClassificationReport& report,
                                       const at::Tensor& labels) {
  const auto* truth = labels.const_data_ptr<int64_t>();
  const auto* predicted = report.predictions.const_data_ptr<int64_t>();
  const auto* confidence = report.confidences.const_data_ptr<double>();
  std::map<std::pair<int64_t, int64_t>, std::vector<int64_t>> by_kind;
  for (int64_t i = 0; i < labels.numel(); ++i)
    if (truth[i] != predicted[i]) by_kind[{truth[i], predicted[i]}].push_back(i);

  std::vector<Confusion> confusions;
  for (auto& [kind, samples] : by_kind) {
    std::stable_sort(samples.begin(), samples.end(),
                     [&](int64_t a, int64_t b) { return confidence[a] > confidence[b]; });
    confusions.push_back({kind.first, kind.second, std::move(samples)});
  }
  std::stable_sort(
      confusions.begin(), confusions.end(),
      [](const Confusion& a, const Confusion& b) { return a.samples.size() > b.samples.size(); });
  return confusions;
}

std::vector<int64_t> most_confused_classes(const std::vector<Confusion>& confusions,
                                           int64_t classes, int64_t most) {
  std::vector<size_t> mistakes(static_cast<size_t>(classes));
  for (const Confusion& confusion : confusions) {
    mistakes[static_cast<size_t>(confusion.label)] += confusion.samples.size();
    mistakes[static_cast<size_t>(confusion.predicted)] += confusion.samples.size();
  }
  std::vector<int64_t> chosen(static_cast<size_t>(classes));
  std::iota(chosen.begin(), chosen.end(), 0);
  std::stable_sort(chosen.begin(), chosen.end(), [&](int64_t a, int64_t b) {
    return mistakes[static_cast<size_t>(a)] > mistakes[static_cast<size_t>(b)];
  });
  chosen.resize(static_cast<size_t>(std::min(classes, most)));
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace submask
