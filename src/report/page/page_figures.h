// The figures of an evaluation's page, as SVG elements.
#pragma once

#include <string>
#include <vector>

#include "report/page/class_confusions.h"

namespace submask {

// The rows and columns of the confusion matrix for the chosen classes. The larger a cell's share of
// the samples in its row, the darker it is. Right answers are blue, mistakes red.
std::string confusion_map(const ClassificationReport& report,
                          const std::vector<Confusion>& confusions,
                          const std::vector<int64_t>& chosen,
                          const std::vector<std::string>& class_names);

// Accuracy against confidence, one bar for each bin; below, the number of samples in each bin.
std::string reliability_diagram(const ClassificationReport& report);

}  // namespace submask
