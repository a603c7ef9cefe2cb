#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "base/fail.h"
#include "numeric/moments.h"
#include "report/page/figure_parts.h"
#include "report/table/first_seen_order.h"

namespace submask {
namespace {

struct SweptValue {
  double value = 0;
  std::string axis;  // the name of the chart's axis; "" where the value is no number
};

// The number in an option's value: rate 50, labels 10p.
SweptValue swept_value(const std::string& option, const std::string& value) {
  double number = 0;
  const char* const last = value.data() + value.size();
  const auto [end, error] = std::from_chars(value.data(), last, number);
  if (error != std::errc() || !std::isfinite(number)) return {};
  const std::string unit(end, last);
  if (option == "labels" && unit == "p") return {number, "labels, percent of the training images"};
  if (option == "labels" && unit == "/class") return {number, "labels a class"};
  if (!unit.empty()) return {};
  return {number, option == "labels" ? "labelled images" : option};
}

// Has a logarithmic axis where the values rise by factors.
std::optional<ResultsFigure> sweep_figure(const std::string& title, const std::string& axis,
                                          const NamedValues& named) {
  constexpr double wide = 8;
  std::vector<Curve> curves = curves_of(named);
  const auto [least, most] = range_of_x(curves);
  if (!(least < most)) return std::nullopt;
  const bool is_logarithmic = least > 0 && most / least >= wide;
  return ResultsFigure{figure_name("accuracy-", title + "-" + axis),
                       CurveChart{title_of("Accuracy", title, named.size()), axis, "test accuracy",
                                  is_logarithmic, std::move(curves)}};
}

// The runs of one method with the same settings but for the seed.
struct FrontierPoint {
  std::vector<double> kilobytes, accuracy;
};

using FrontierCurves =  // by method, then by settings, in the order of the grid
    std::vector<std::pair<std::string, std::vector<std::pair<std::string, FrontierPoint>>>>;

std::vector<Curve> frontier_of(const FrontierCurves& methods) {
  std::vector<Curve> curves;
  for (const auto& [method, points] : methods) {
    if (curves.size() == most_curves) break;
    Curve& curve = curves.emplace_back(Curve{method, {}});
    for (const auto& [settings, point] : points) {
      const Moments accuracy = moments(point.accuracy);
      curve.points.push_back({moments(point.kilobytes).mean, accuracy.mean, accuracy.deviation});
    }
    std::ranges::sort(curve.points, {}, &CurvePoint::x);
  }
  return curves;
}

}  // namespace

std::vector<ResultsFigure> sweep_curves(const GridResults& results) {
  std::vector<std::pair<std::string, Charts>> by_axis;
  std::set<std::string> seen;
  for (const GridEntry& entry : results.entries) {
    const auto cell = results.cells.find(entry.cell);
    if (cell == results.cells.end() || !seen.insert(entry.cell).second) continue;
    const auto accuracy = metric_of(cell->second, "accuracy");
    if (!accuracy) continue;
    bool swept = false;
    for (const auto& [option, value] : entry.labels) {
      if (option == "method") swept = true;
      if (!swept || option == "method" || option == "seed") continue;
      const SweptValue at = swept_value(option, value);
      if (at.axis.empty()) continue;
      const auto [chart, curve] = chart_and_curve(entry, option);
      Charts& charts = value_named(by_axis, at.axis);
      value_named(value_named(charts, chart), curve)[at.value].push_back(*accuracy);
    }
  }
  std::vector<ResultsFigure> figures;
  for (const auto& [axis, charts] : by_axis)
    for (const auto& [title, curves] : charts)
      if (auto figure = sweep_figure(title.empty() ? results.title : title, axis, curves))
        figures.push_back(std::move(*figure));
  return figures;
}

FrontierFigures frontier_figures(const GridResults& results) {
  FrontierFigures found;
  std::vector<std::pair<std::string, FrontierCurves>> charts;
  std::set<std::string> seen;
  for (const GridEntry& entry : results.entries) {
    const auto cell = results.cells.find(entry.cell);
    const std::string method = label_of(entry, "method");
    // What measures another cell's result has no file of its own.
    if (cell == results.cells.end() || method.find('+') != std::string::npos ||
        !seen.insert(entry.cell).second)
      continue;
    const auto accuracy = metric_of(cell->second, "accuracy");
    const auto bytes = bytes_of(cell->second);
    if (!accuracy || !(*accuracy >= 0 && *accuracy <= 1) || !bytes) {
      if (cell->second.done) ++found.without_numbers;
      continue;
    }
    // Numbers that are swept move along a curve; words, as a criterion, make curves of their own.
    std::string curve = method, settings;
    bool swept = false;
    for (const auto& [option, value] : entry.labels) {
      if (option == "method") swept = true;
      if (!swept || option == "method" || option == "seed" || value.empty()) continue;
      settings += text(option, " ", value, ", ");
      if (swept_value(option, value).axis.empty()) curve += text(", ", option, " ", value);
    }
    FrontierPoint& point = value_named(
        value_named(value_named(charts, chart_and_curve(entry).first), curve), settings);
    point.kilobytes.push_back(*bytes / 1e3);
    point.accuracy.push_back(*accuracy);
  }
  for (const auto& [title, methods] : charts) {
    const bool varies =
        methods.size() > 1 || (!methods.empty() && methods.front().second.size() > 1);
    if (!varies) continue;
    const std::string part = title.empty() ? results.title : title;
    CurveChart chart{title_of("Accuracy over bytes", part, methods.size()),
                     "kB of a task: its file, or adapter_bytes",
                     "test accuracy, mean and deviation", /*log_x=*/true, frontier_of(methods)};
    chart.ticks_at_points = false;
    found.figures.push_back({figure_name("frontier-", part), std::move(chart)});
  }
  return found;
}

}  // namespace submask
