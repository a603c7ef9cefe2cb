// The analyses that analyse() (analysis.h) chooses from, a file each.
#pragma once

#include "report/analysis/analysis.h"
#include "report/analysis/grid_cells.h"
#include "report/chart/curve_chart.h"

namespace submask {

// `cells` are those with results. `found` says what was left out so far; an analysis adds to it
// all that it finds.
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

// Adds the sentence "PART: WORDS." about a part of the grid ("resnet20, fashion").
void add_sentence(Analysis& found, const std::string& part, const std::string& words);

// Adds a curve to the chart of a part of the grid, or a line to what is left out where the chart
// has no room for it.
void add_curve(CurveChart& chart, Curve curve, const std::string& part, Analysis& found);

// Adds a picture that draw(path) has drawn.
template <typename Draw>
void add_figure(Analysis& found, const std::filesystem::path& path, const Draw& draw) {
  draw(path);
  found.files.push_back(path);
}

// Throws invalid_argument: there is nothing to analyse. The message ends with the first line of
// what was left out.
[[noreturn]] void fail_without(const std::string& expected, const Analysis& found);

// The path OUT/NAME_PART_PART.FORMAT, in which every character of a part that is no letter, digit,
// dash or dot is a dash. Makes the folder OUT.
std::filesystem::path figure_path(const AnalysisOptions& options, const std::string& name,
                                  const std::vector<std::string>& parts);

}  // namespace submask
