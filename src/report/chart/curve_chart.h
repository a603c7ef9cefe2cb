// Curves with bands for reports and papers, drawn by gnuplot.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace submask {

struct CurvePoint {
  double x = 0;
  double y = 0;
  double deviation = 0;  // half the height of the band, or of a single point's bar, around y
};

struct Curve {
  std::string name;                // in the legend
  std::vector<CurvePoint> points;  // by rising x
};

constexpr size_t most_curves = 8;  // there are no more colours and marks

struct CurveChart {
  std::string title;
  std::string x_label;
  std::string y_label;
  bool log_x = false;
  std::vector<Curve> curves;    // at most most_curves
  bool ticks_at_points = true;  // of a logarithmic axis, whose own are seldom where points are
};

// The least and the largest x of all points; without points infinity and -infinity.
std::pair<double, double> range_of_x(const std::vector<Curve>& curves);

// As plot_bars() (bar_chart.h). Throws invalid_argument for no points, values that are not finite
// and, on a logarithmic axis, an x that is not above 0.
void plot_curves(const CurveChart& chart, const std::filesystem::path& out);

}  // namespace submask
