// The table of an analysis: columns of words and numbers.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "report/analysis/analysis.h"

namespace submask {

using TableValue = std::variant<std::string, int64_t, double>;  // NaN: an empty field

struct AnalysisTable {
  std::vector<std::string> columns;
  std::vector<std::vector<TableValue>> rows;  // each with a value for each column
};

std::string to_markdown(const AnalysisTable& table);  // numbers with four significant digits
std::string to_csv(const AnalysisTable& table);       // with full precision

// Writes OUT/NAME.md and OUT/NAME.csv and adds them to the files of `found`. Throws io.
void write_table(const AnalysisTable& table, const std::string& name,
                 const AnalysisOptions& options, Analysis& found);

std::string in_words(double number);  // three significant digits; "unknown" for NaN

}  // namespace submask
