// What the pictures of a grid's results share: which chart and curve a cell belongs to.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report/page/results_figures.h"

namespace submask {

std::string label_of(const GridEntry& entry, const std::string& name);  // "" for none

// The names of an entry's chart and curve. Labels before "method" name the chart, "method" and the
// swept options behind it name the curve; `x`, the label along the chart's axis, names neither.
std::pair<std::string, std::string> chart_and_curve(const GridEntry& entry,
                                                    const std::string& x = "");

// What the task of a cell takes: adapter_bytes, or else task_bytes; nothing where no number above 0
// says so.
std::optional<double> bytes_of(const CellResult& cell);

// A file's name without extension, of letters, digits and dashes.
std::string figure_name(const std::string& kind, const std::string& title);

// The values at each x, by chart and curve in the order of the grid.
using Values = std::map<double, std::vector<double>>;
using NamedValues = std::vector<std::pair<std::string, Values>>;
using Charts = std::vector<std::pair<std::string, NamedValues>>;

std::string title_of(const std::string& quantity, const std::string& part, size_t curves);

// At most most_curves, with mean and deviation at each x.
std::vector<Curve> curves_of(const NamedValues& named);

}  // namespace submask
