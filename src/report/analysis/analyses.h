// The analyses behind <submask/analysis.h>, a file each.
#pragma once

#include "report/analysis/analysis.h"
#include "report/analysis/grid_cells.h"
#include "report/chart/curve_chart.h"

namespace submask {

// `cells`: those with results. `found` has what was left out so far; each adds the rest.
using AnalysisFunction = void (*)(const std::vector<FinishedCell>& cells,
                                  const AnalysisOptions& options, Analysis& found);

void analyse_similarity(const std::vector<FinishedCell>& cells, const AnalysisOptions& options,
                        Analysis& found);
void analyse_stability(const std::vector<FinishedCell>& cells, const AnalysisOptions& options,
                       Analysis& found);
void analyse_invariance(const std::vector<FinishedCell>& cells, const AnalysisOptions& options,
                        Analysis& found);
void analyse_correlation(const std::vector<FinishedCell>& cells, const AnalysisOptions& options,
                         Analysis& found);
void analyse_tuning(const std::vector<FinishedCell>& cells, const AnalysisOptions& options,
                    Analysis& found);

// Another sentence of `found`, beginning with what it is of.
void say(Analysis& found, const std::string& of, const std::string& words);

// Puts a curve into a chart of `of` ("resnet20, fashion"), or says that it has no room for it.
void add_curve(CurveChart& chart, Curve curve, const std::string& of, Analysis& found);

// Throws invalid_argument: there is nothing to analyse, for what was left out if anything was.
[[noreturn]] void fail_without(const std::string& expected, const Analysis& found);

// OUT/NAME_PART_PART.FORMAT, where parts are free text. Makes the folder.
std::filesystem::path figure_path(const AnalysisOptions& options, const std::string& name,
                                  const std::vector<std::string>& parts);

}  // namespace submask
