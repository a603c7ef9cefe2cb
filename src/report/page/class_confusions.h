// Which classes a classifier takes for which others.
#pragma once

#include <cstdint>
#include <vector>

#include "evaluate/classification_report.h"

namespace submask {

// Mistakes of one kind: samples of class `label` predicted as class `predicted`.
struct Confusion {
  int64_t label = 0;
  int64_t predicted = 0;
  std::vector<int64_t> samples;  // the most confident mistakes first, of equal ones in order
};

// The most frequent first, of equally frequent ones by label, then by prediction. labels: int64 [N]
// on the CPU, those the report was made with.
std::vector<Confusion> find_confusions(const ClassificationReport& report,
                                       const at::Tensor& labels);

// The `most` classes with most mistakes from or to them, in ascending order; all of them where
// there are no more.
std::vector<int64_t> most_confused_classes(const std::vector<Confusion>& confusions,
                                           int64_t classes, int64_t most);

}  // namespace submask
