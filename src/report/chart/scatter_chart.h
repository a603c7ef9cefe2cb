// Points of several kinds for reports and papers, drawn by gnuplot.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace submask {

struct ScatterPoint {
  double x = 0, y = 0;
  std::string kind = {};  // points of a kind share colour and mark; the legend names the kinds
  std::string name = {};  // beside the point
};

struct ScatterChart {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<ScatterPoint> points;
};

// As plot_bars() (bar_chart.h).
void plot_scatter(const ScatterChart& chart, const std::filesystem::path& out);

}  // namespace submask
