// Entries of tables as text.
#pragma once

#include <string>

#include "report/table/results_table.h"

namespace submask {

// Whether more of the metric is better.
inline bool is_accuracy(const std::string& metric) { return metric.ends_with("accuracy"); }

// Shares as .834, other numbers with four significant digits.
std::string number_text(double value, const std::string& metric);

// ".834 +- .004 (3) [.850, -.016], 1 failed"; "missing", "failed" or "" where there is no value.
std::string entry_text(const TableEntry& entry, const std::string& metric);

// A text as a field of a CSV file, and as one of a table in Markdown.
std::string csv_text(const std::string& plain);
std::string markdown_text(const std::string& plain);

}  // namespace submask
