#include "report/page/results_figures.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include <submask/task_file.h>

#include "base/fail.h"
#include "numeric/moments.h"
#include "report/chart/layer_chart.h"
#include "report/table/first_seen_order.h"

namespace submask {
namespace {

std::string label_of(const GridEntry& entry, const std::string& name) {
  for (const auto& [label, value] : entry.labels)
    if (label == name) return value;
  return "";
}

// The names of an entry's chart and curve. Labels before "method" name the chart, "method" and the
// swept options behind it name the curve; `x`, the label along the chart's axis, names neither.
std::pair<std::string, std::string> chart_and_curve(const GridEntry& entry,
                                                    const std::string& x = "") {
  std::string chart, curve;
  bool swept = false;
  for (const auto& [label, value] : entry.labels) {
    if (label == "method") swept = true;
    if (label == "seed" || label == x || value.empty()) continue;
    if (!swept)
      chart += (chart.empty() ? "" : ", ") + value;
    else
      curve += curve.empty() ? value : text(", ", label, " ", value);
  }
  return {chart, curve};
}

std::string file_name(const std::string& kind, const std::string& title) {
  std::string name = kind;
  for (const char c : title)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      name += c;
    else if (!name.ends_with('-'))
      name += '-';
  return name;
}

// The values at each x, by chart and curve in the order of the grid.
using Values = std::map<double, std::vector<double>>;
using NamedValues = std::vector<std::pair<std::string, Values>>;
using Charts = std::vector<std::pair<std::string, NamedValues>>;

std::string title_of(const std::string& quantity, const std::string& part, size_t curves) {
  return text(quantity, ": ", part,
              curves > most_curves ? text(", first ", most_curves, " of ", curves) : "");
}

std::vector<Curve> curves_of(const NamedValues& named) {
  std::vector<Curve> curves;
  for (const auto& [name, values] : named) {
    if (curves.size() == most_curves) break;
    Curve& curve = curves.emplace_back(Curve{name, {}});
    for (const auto& [x, at_x] : values) {
      const Moments over = moments(at_x);
      curve.points.push_back({x, over.mean, over.deviation});
    }
  }
  return curves;
}

bool same_units(const PackedTask& a, const PackedTask& b) {
  return std::ranges::equal(a.masks, b.masks, [](const PackedMask& x, const PackedMask& y) {
    return x.name == y.name && x.shape == y.shape;
  });
}

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
  double least = std::numeric_limits<double>::infinity(), most = -least;
  for (const Curve& curve : curves)
    for (const CurvePoint& point : curve.points) {
      least = std::min(least, point.x);
      most = std::max(most, point.x);
    }
  if (!(least < most)) return std::nullopt;
  const bool is_logarithmic = least > 0 && most / least >= wide;
  return ResultsFigure{file_name("accuracy-", title + "-" + axis),
                       CurveChart{title_of("Accuracy", title, named.size()), axis, "test accuracy",
                                  is_logarithmic, std::move(curves)}};
}

}  // namespace

std::vector<ResultsFigure> training_curves(const ResultsDatabase& database,
                                           const GridResults& results) {
  Charts charts;
  std::set<std::string> seen;
  for (const GridEntry& entry : results.entries) {
    if (!results.cells.contains(entry.cell) || !seen.insert(entry.cell).second) continue;
    for (const EpochMetrics& epoch : database.epochs(entry.cell)) {
      const auto metrics =
          nlohmann::json::parse(epoch.metrics, nullptr, /*allow_exceptions=*/false);
      if (!metrics.is_object() || !metrics.contains("loss") || !metrics["loss"].is_number())
        continue;
      const auto [chart, curve] = chart_and_curve(entry);
      value_named(value_named(charts, chart), curve)[static_cast<double>(epoch.epoch)].push_back(
          metrics["loss"].get<double>());
    }
  }
  std::vector<ResultsFigure> figures;
  for (const auto& [title, curves] : charts)
    figures.push_back(
        {file_name("loss-", title),
         CurveChart{title_of("Training loss", title.empty() ? results.title : title, curves.size()),
                    "epoch", "loss", false, curves_of(curves)}});
  return figures;
}

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

std::vector<ResultsFigure> size_figures(const GridResults& results) {
  Charts charts;  // of bars: all at x = 0
  std::set<std::string> seen;
  for (const GridEntry& entry : results.entries) {
    const auto cell = results.cells.find(entry.cell);
    if (cell == results.cells.end() || label_of(entry, "method").find('+') != std::string::npos ||
        !seen.insert(entry.cell).second)
      continue;
    const auto bytes = metric_of(cell->second, "task_bytes");
    if (!bytes) continue;
    const auto [chart, bar] = chart_and_curve(entry);
    value_named(value_named(charts, chart), bar)[0].push_back(*bytes / 1e3);
  }
  std::vector<ResultsFigure> figures;
  for (const auto& [title, bars] : charts) {
    BarChart chart{"A task's bytes: " + (title.empty() ? results.title : title), "", "kB", {}};
    for (const auto& [name, values] : bars) {
      const Moments over = moments(values.at(0));
      chart.bars.push_back({name, over.mean, "", over.deviation});
    }
    figures.push_back({file_name("bytes-", title), std::move(chart)});
  }
  return figures;
}

std::vector<ResultsFigure> layer_figures(const GridResults& results,
                                         const std::filesystem::path& cells) {
  // By method and backbone, then by the units that have masks, of which --stages leaves some out.
  std::map<std::string, std::vector<std::vector<PackedTask>>> tasks;
  std::set<std::string> seen;
  for (const GridEntry& entry : results.entries) {
    const std::filesystem::path learned = cells / entry.cell / "learned.task";
    if (!seen.insert(entry.cell).second || !std::filesystem::exists(learned)) continue;
    PackedTask task = read_packed_task(learned);
    if (task.masks.empty()) continue;
    auto& groups = tasks[label_of(entry, "method") + " " + task.backbone];
    auto alike = std::ranges::find_if(
        groups, [&](const auto& group) { return same_units(group.front(), task); });
    if (alike == groups.end()) alike = groups.emplace(alike);
    alike->push_back(std::move(task));
  }
  std::vector<ResultsFigure> figures;
  for (const auto& [name, groups] : tasks)
    for (size_t i = 0; i < groups.size(); ++i) {
      BarChart chart = layer_chart(groups[i]);
      chart.title += " (" + name.substr(0, name.find(' '));
      if (groups.size() > 1)
        chart.title += text(", ", chart.bars.size(), chart.bars.size() == 1 ? " unit" : " units");
      chart.title += ")";
      figures.push_back(
          {file_name("layers-", i == 0 ? name : text(name, "-", i + 1)), std::move(chart)});
    }
  return figures;
}

}  // namespace submask
