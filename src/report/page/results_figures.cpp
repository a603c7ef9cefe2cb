#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include <submask/task_file.h>

#include "base/fail.h"
#include "numeric/moments.h"
#include "report/chart/layer_chart.h"
#include "report/page/figure_parts.h"
#include "report/table/first_seen_order.h"

namespace submask {
namespace {

bool same_units(const PackedTask& a, const PackedTask& b) {
  return std::ranges::equal(a.masks, b.masks, [](const PackedMask& x, const PackedMask& y) {
    return x.name == y.name && x.shape == y.shape;
  });
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
        {figure_name("loss-", title),
         CurveChart{title_of("Training loss", title.empty() ? results.title : title, curves.size()),
                    "epoch", "loss", false, curves_of(curves)}});
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
    const auto bytes = bytes_of(cell->second);
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
    figures.push_back({figure_name("bytes-", title), std::move(chart)});
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
          {figure_name("layers-", i == 0 ? name : text(name, "-", i + 1)), std::move(chart)});
    }
  return figures;
}

}  // namespace submask
