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

// Writes NAME.pdf and NAME.svg into the folder, which must exist. Throws as plot_bars() does.
void draw_figure(const ResultsFigure& figure, const std::filesystem::path& folder);

// Training loss over the epochs, as mean and deviation over seeds. There is a chart for each
// combination of the labels that come before the method, and in it a curve for each method and each
// combination of the options that are swept. The title says where a chart shows only the first
// eight of its curves.
std::vector<ResultsFigure> training_curves(const ResultsDatabase& database,
                                           const GridResults& results);

// Accuracy against each option that the grid sweeps over numbers; --labels may be shares ("10p"),
// counts, or counts for each class ("16/class"). Charts and curves are as in training_curves().
std::vector<ResultsFigure> sweep_curves(const GridResults& results);

struct FrontierFigures {
  std::vector<ResultsFigure> figures;
  // Finished cells left out: without an accuracy from 0 to 1, or bytes above 0.
  size_t without_numbers = 0;
};

// Accuracy over the bytes that a task takes (adapter_bytes, or else task_bytes; logarithmic), as
// mean and deviation over seeds. Charts are as in training_curves(), with a curve for each method
// along the numbers that the grid sweeps; no chart where a grid has one point.
FrontierFigures frontier_figures(const GridResults& results);

// The same bytes of what was learned, as mean and deviation over seeds. Charts are as in
// training_curves(), with a bar in place of each curve.
std::vector<ResultsFigure> size_figures(const GridResults& results);

// The masked fraction of each layer, as mean and deviation over the tasks in the folder `cells`.
// There is a chart for each method, backbone and choice of mask units. Cells whose task is gone are
// left out.
std::vector<ResultsFigure> layer_figures(const GridResults& results,
                                         const std::filesystem::path& cells);

}  // namespace submask
