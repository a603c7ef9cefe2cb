// The table of an analysis: free columns of words and numbers.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "report/analysis/analysis.h"

namespace submask {

using TableValue = std::variant<std::string, int64_t, double>;  // a NaN is an empty place

struct AnalysisTable {
  std::vector<std::string> columns;
  std::vector<std::vector<TableValue>> rows;  // each as long as columns
};

std::string to_markdown(const AnalysisTable& table);  // numbers with four digits that count
std::string to_csv(const AnalysisTable& table);       // with full precision

// OUT/NAME.md and OUT/NAME.csv, added to the files of `found`. Throws io.
void write_table(const AnalysisTable& table, const std::string& name,
                 const AnalysisOptions& options, Analysis& found);

std::string in_words(double number);  // three digits that count; "unknown" for NaN

}  // namespace submask
