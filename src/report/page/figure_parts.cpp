#include "report/page/figure_parts.h"

#include <cctype>

#include "base/fail.h"
#include "numeric/moments.h"

namespace submask {

void draw_figure(const ResultsFigure& figure, const std::filesystem::path& folder) {
  for (const char* ending : {".pdf", ".svg"})
    std::visit(
        [&](const auto& chart) {
          if constexpr (std::is_same_v<std::decay_t<decltype(chart)>, BarChart>)
            plot_bars(chart, folder / (figure.name + ending));
          else
            plot_curves(chart, folder / (figure.name + ending));
        },
        figure.chart);
}

std::string label_of(const GridEntry& entry, const std::string& name) {
  for (const auto& [label, value] : entry.labels)
    if (label == name) return value;
  return "";
}

std::optional<double> bytes_of(const CellResult& cell) {
  for (const char* metric : {"adapter_bytes", "task_bytes"})
    if (const auto bytes = metric_of(cell, metric); bytes && *bytes > 0) return bytes;
  return std::nullopt;
}

std::pair<std::string, std::string> chart_and_curve(const GridEntry& entry, const std::string& x) {
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

std::string figure_name(const std::string& kind, const std::string& title) {
  std::string name = kind;
  for (const char c : title)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      name += c;
    else if (!name.ends_with('-'))
      name += '-';
  return name;
}

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

}  // namespace submask
