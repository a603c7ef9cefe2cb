#include "report/chart/scatter_chart.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/fail.h"
#include "report/chart/gnuplot.h"
#include "report/chart/picture.h"

namespace submask {
namespace {

std::vector<std::string> kinds_of(const ScatterChart& chart) {
  if (chart.points.empty()) fail_argument("at least one point to draw", "none");
  std::vector<std::string> kinds;
  for (const ScatterPoint& point : chart.points) {
    if (!std::isfinite(point.x) || !std::isfinite(point.y))
      fail_argument(text("a finite point '", point.name, "'"),
                    text("(", point.x, ", ", point.y, ")"));
    kinds.push_back(point.kind);
  }
  return distinct_kinds(kinds, "points");
}

std::string script_of(const ScatterChart& chart) {
  const std::vector<std::string> kinds = kinds_of(chart);
  std::ostringstream script, plot;
  script.precision(17);
  script << titles(chart.title, chart.x_label, chart.y_label)
         << "set border 3\nset tics nomirror out\nset grid lt 1 dt 1 lc rgb '#DDDDDD' lw 0.7\n"
         << "set key outside top center horizontal reverse Left\n"
         << "set offsets graph 0.08, graph 0.08, graph 0.06, graph 0.06\n";
  for (size_t kind = 0; kind < kinds.size(); ++kind) {
    script << "$kind" << kind << " << END\n";
    for (const ScatterPoint& point : chart.points)
      if (point.kind == kinds[kind]) script << point.x << " " << point.y << "\n";
    script << "END\n";
    plot << (kind == 0 ? "plot " : ", ") << "$kind" << kind << " using 1:2 with points pt "
         << point_marks[kind] << " ps 1 lc rgb '" << chart_colours[kind] << "' "
         << (kinds[kind].empty() ? "notitle" : "title " + gnuplot_string(kinds[kind]));
  }
  // In the right half a name stands to the left of its point, so that it stays in the picture.
  const auto [least, most] = std::ranges::minmax(chart.points, {}, &ScatterPoint::x);
  const double middle = (least.x + most.x) / 2;
  for (const ScatterPoint& point : chart.points)
    if (!point.name.empty())
      script << "set label " << gnuplot_string(point.name) << " at " << point.x << ", " << point.y
             << (point.x > middle ? " right offset character -0.8, 0.4\n"
                                  : " offset character 0.8, 0.4\n");
  return script.str() + plot.str() + "\n";
}

}  // namespace

void plot_scatter(const ScatterChart& chart, const std::filesystem::path& out) {
  draw_picture(script_of(chart), chart_width, chart_height, out);
}

}  // namespace submask
