#include "report/chart/curve_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <sstream>

#include "base/fail.h"
#include "report/chart/gnuplot.h"
#include "report/chart/picture.h"

namespace submask {
namespace {

// gnuplot's filled square, circle, triangles, diamond; then hollow ones.
static_assert(most_curves == chart_colours.size());
constexpr std::array<int, most_curves> marks = {5, 7, 9, 11, 13, 4, 6, 8};

void check(const CurveChart& chart) {
  if (chart.curves.empty()) fail_argument("at least one curve to draw", "none");
  if (chart.curves.size() > most_curves)
    fail_argument(text("at most ", most_curves, " curves"), chart.curves.size());
  for (const Curve& curve : chart.curves) {
    if (curve.points.empty())
      fail_argument(text("at least one point of '", curve.name, "'"), "none");
    for (const CurvePoint& point : curve.points)
      if (!std::isfinite(point.x) || !std::isfinite(point.y) || !std::isfinite(point.deviation) ||
          (chart.log_x && point.x <= 0))
        fail_argument(text("points of '", curve.name, "' that can be drawn"),
                      text("(", point.x, ", ", point.y, " +- ", point.deviation, ")"));
  }
}

// A tick at each x that has a point: the ticks of a logarithmic axis are seldom where points are.
std::string x_ticks(const CurveChart& chart) {
  std::set<double> all_x;
  for (const Curve& curve : chart.curves)
    for (const CurvePoint& point : curve.points) all_x.insert(point.x);
  std::ostringstream ticks;
  for (const double x : all_x) ticks << (ticks.tellp() == 0 ? "" : ", ") << "'" << x << "' " << x;
  return ticks.str();
}

// The points with a margin: gnuplot would end a logarithmic axis at whole decades.
std::string logarithmic_range(const CurveChart& chart) {
  constexpr double margin = 1.25;
  const auto [least, most] = range_of_x(chart.curves);
  return text("set xrange [", least / margin, ":", most * margin, "]\n");
}

std::string axes(const CurveChart& chart) {
  std::ostringstream script;
  script << titles(chart.title, chart.x_label, chart.y_label)
         << "set border 3\nset grid ytics lt 1 dt 1 lc rgb '#DDDDDD' lw 0.7\n"
         << "set ytics nomirror out\nset key outside top center horizontal reverse Left\n"
         << "set offsets graph 0.03, graph 0.03, graph 0.03, graph 0.03\n";
  if (chart.log_x && chart.ticks_at_points)
    script << "set logscale x\nset xtics nomirror out (" << x_ticks(chart) << ")\n";
  else if (chart.log_x)
    script << "set logscale x\nset xtics nomirror out (1, 2, 5, 10, 20, 50, 100, 200, 500, "
              "1000, 2000, 5000, 10000, 20000, 50000, 100000)\n"
           << logarithmic_range(chart);
  else
    script << "set xtics nomirror out\n";
  return script.str();
}

// All bands first, so that no line is behind one. A curve of one point has an error bar for a band.
std::string curves(const CurveChart& chart) {
  std::ostringstream blocks, bands, lines;
  blocks.precision(17);
  for (size_t i = 0; i < chart.curves.size(); ++i) {
    blocks << "$curve" << i << " << END\n";
    for (const CurvePoint& point : chart.curves[i].points)
      blocks << point.x << " " << point.y << " " << point.deviation << "\n";
    blocks << "END\n";
    const char* colour = chart_colours[i];
    bands << "$curve" << i;
    if (chart.curves[i].points.size() == 1)
      bands << " using 1:2:3 with yerrorbars lc rgb '" << colour << "' lw 1 pt 0 notitle, ";
    else
      bands << " using 1:($2-$3):($2+$3) with filledcurves fc rgb '" << colour
            << "' fs transparent solid 0.2 noborder notitle, ";
    lines << (i == 0 ? "" : ", ") << "$curve" << i << " using 1:2 with linespoints lc rgb '"
          << colour << "' lw 1.6 pt " << marks[i] << " ps 0.8 title "
          << gnuplot_string(chart.curves[i].name);
  }
  return blocks.str() + "plot " + bands.str() + lines.str() + "\n";
}

}  // namespace

std::pair<double, double> range_of_x(const std::vector<Curve>& curves) {
  double least = std::numeric_limits<double>::infinity(), most = -least;
  for (const Curve& curve : curves)
    for (const CurvePoint& point : curve.points) {
      least = std::min(least, point.x);
      most = std::max(most, point.x);
    }
  return {least, most};
}

void plot_curves(const CurveChart& chart, const std::filesystem::path& out) {
  check(chart);
  draw_picture(axes(chart) + curves(chart), chart_width, chart_height, out);
}

}  // namespace submask
