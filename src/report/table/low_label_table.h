// Accuracy against the number of labels, over seeds, as a table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "grid/low_label_cell.h"

namespace submask {

struct LowLabelSummary {
  LowLabelMethod method;
  int64_t labelled_images = 0;
  int64_t seeds = 0;
  double mean = 0;       // of the accuracies
  double deviation = 0;  // sample standard deviation of the accuracies; 0 for one seed
};

// Takes means over seeds. The order is by method as in the cells, then by rising labelled images.
std::vector<LowLabelSummary> summarise(const std::vector<LowLabelCell>& cells);

// A row for each method, a column for each number of labelled images.
std::string to_markdown(const std::vector<LowLabelSummary>& summaries);

}  // namespace submask
