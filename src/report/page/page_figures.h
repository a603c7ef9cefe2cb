// The figures of an evaluation's page, as SVG elements.
#pragma once

#include <string>
#include <vector>

#include "report/page/class_confusions.h"

namespace submask {

// The chosen classes' rows and columns of the confusion matrix: the darker a cell, the larger its
// share of the row's samples. Right answers are blue, mistakes red.
std::string confusion_map(const ClassificationReport& report,
                          const std::vector<Confusion>& confusions,
                          const std::vector<int64_t>& chosen,
                          const std::vector<std::string>& class_names);

// Accuracy against confidence, a bar a bin; below, how many samples each bin has.
std::string reliability_diagram(const ClassificationReport& report);

}  // namespace submask
