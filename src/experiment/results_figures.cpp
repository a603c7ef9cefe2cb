#include "experiment/results_figures.h"

#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include <submask/task_file.h>

#include "base/fail.h"
#include "experiment/layer_chart.h"
#include "experiment/moments.h"

namespace submask {
namespace {

std::string label_of(const GridEntry& entry, const std::string& name) {
  for (const auto& [label, value] : entry.labels)
    if (label == name) return value;
  return "";
}

// A grid's axes come before "method", what is swept after it.
std::pair<std::string, std::string> chart_and_curve(const GridEntry& entry) {
  std::string chart, curve;
  bool swept = false;
  for (const auto& [label, value] : entry.labels) {
    if (label == "method") swept = true;
    if (label == "seed" || value.empty()) continue;
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

CurvePoint point_of(int64_t epoch, const std::vector<double>& values) {
  const Moments over = moments(values);
  return {static_cast<double>(epoch), over.mean, over.deviation};
}

}  // namespace

std::vector<ResultsFigure> training_curves(const ResultsDatabase& database,
                                           const GridResults& results) {
  // By chart, curve and epoch the losses of the seeds; charts and curves in the grid's order.
  using Curves = std::vector<std::pair<std::string, std::map<int64_t, std::vector<double>>>>;
  std::vector<std::pair<std::string, Curves>> charts;
  const auto place = [](auto& list, const std::string& name) -> auto& {
    for (auto& each : list)
      if (each.first == name) return each.second;
    list.push_back({name, {}});
    return list.back().second;
  };
  std::set<std::string> seen;
  for (const GridEntry& entry : results.entries) {
    if (!results.cells.contains(entry.cell) || !seen.insert(entry.cell).second) continue;
    for (const EpochMetrics& epoch : database.epochs(entry.cell)) {
      const auto metrics =
          nlohmann::json::parse(epoch.metrics, nullptr, /*allow_exceptions=*/false);
      if (!metrics.is_object() || !metrics.contains("loss") || !metrics["loss"].is_number())
        continue;
      const auto [chart, curve] = chart_and_curve(entry);
      place(place(charts, chart), curve)[epoch.epoch].push_back(metrics["loss"].get<double>());
    }
  }
  std::vector<ResultsFigure> figures;
  for (const auto& [title, curves] : charts) {
    CurveChart chart;
    chart.title = "Training loss: " + (title.empty() ? results.title : title);
    chart.x_label = "epoch";
    chart.y_label = "loss";
    for (const auto& [name, epochs] : curves) {
      if (chart.curves.size() == 8) break;
      Curve curve{name, {}};
      for (const auto& [epoch, losses] : epochs) curve.points.push_back(point_of(epoch, losses));
      chart.curves.push_back(std::move(curve));
    }
    figures.push_back({file_name("loss-", title), std::move(chart)});
  }
  return figures;
}

std::vector<ResultsFigure> layer_figures(const GridResults& results,
                                         const std::filesystem::path& cells) {
  std::map<std::string, std::vector<PackedTask>> tasks;  // by method and backbone
  std::set<std::string> seen;
  for (const GridEntry& entry : results.entries) {
    const std::filesystem::path learned = cells / entry.cell / "learned.task";
    if (!seen.insert(entry.cell).second || !std::filesystem::exists(learned)) continue;
    PackedTask task = read_packed_task(learned);
    if (task.masks.empty()) continue;
    auto& alike = tasks[label_of(entry, "method") + " " + task.backbone];
    const auto shapes = [](const PackedTask& of) {
      std::vector<std::pair<std::string, std::vector<int64_t>>> all;
      for (const PackedMask& mask : of.masks) all.emplace_back(mask.name, mask.shape);
      return all;
    };
    if (alike.empty() || shapes(alike.front()) == shapes(task)) alike.push_back(std::move(task));
  }
  std::vector<ResultsFigure> figures;
  for (const auto& [name, alike] : tasks) {
    BarChart chart = layer_chart(alike);
    chart.title += " (" + name.substr(0, name.find(' ')) + ")";
    figures.push_back({file_name("layers-", name), std::move(chart)});
  }
  return figures;
}

}  // namespace submask
