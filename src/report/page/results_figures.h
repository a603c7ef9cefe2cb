// Pictures of a grid's results.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "report/chart/bar_chart.h"
#include "report/chart/curve_chart.h"
#include "report/table/results_table.h"

namespace submask {

struct ResultsFigure {
  std::string name;  // of its files, without extension
  std::variant<BarChart, CurveChart> chart;
};

// Loss over the epochs, mean and deviation over seeds: a chart for each combination of the labels
// that are neither seed nor method nor an option's sweep, a curve for each of these, at most eight,
// which the title then says.
std::vector<ResultsFigure> training_curves(const ResultsDatabase& database,
                                           const GridResults& results);

// Accuracy against each option that the grid sweeps over numbers, or over --labels as shares
// ("10p"), counts or counts a class ("16/class"); otherwise as training_curves().
std::vector<ResultsFigure> sweep_curves(const GridResults& results);

// Bytes of what was learned, mean and deviation over seeds: charts as those, a bar a method and
// sweep.
std::vector<ResultsFigure> size_figures(const GridResults& results);

// Masked fraction by layer over the tasks in `cells` that a method learned on a backbone: a chart
// for each choice of units. Cells whose task is gone are left out.
std::vector<ResultsFigure> layer_figures(const GridResults& results,
                                         const std::filesystem::path& cells);

}  // namespace submask
