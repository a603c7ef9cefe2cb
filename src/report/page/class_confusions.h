// Which classes a classifier mistakes for which others.
#pragma once

#include <cstdint>
#include <vector>

#include "evaluate/classification_report.h"

namespace submask {

// Mistakes of one kind: samples of class `label` predicted as class `predicted`.
struct Confusion {
  int64_t label = 0;
  int64_t predicted = 0;
  std::vector<int64_t> samples;  // by falling confidence, then by their numbers
};

// By falling number of samples, then by label, then by prediction. labels: int64 [N] on the CPU,
// from which the report was made.
std::vector<Confusion> find_confusions(const ClassificationReport& report,
                                       const at::Tensor& labels);

// At most `most` classes, in ascending order: those with the most mistakes from or to them.
std::vector<int64_t> most_confused_classes(const std::vector<Confusion>& confusions,
                                           int64_t classes, int64_t most);

}  // namespace submask
