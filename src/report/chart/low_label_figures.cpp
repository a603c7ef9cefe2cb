#include <algorithm>
#include <map>

#include "base/fail.h"
#include "base/names.h"
#include "grid/low_labels.h"
#include "numeric/moments.h"
#include "report/chart/bar_chart.h"
#include "report/chart/curve_chart.h"

namespace submask {
namespace {

std::string legend(Method method) {
  return name_of(method) + (learns_without_labels(method) ? " + lp" : "");
}

}  // namespace

std::vector<LowLabelSummary> summarise(const std::vector<LowLabelCell>& cells) {
  std::vector<Method> methods;
  std::map<std::pair<Method, int64_t>, std::vector<double>> accuracies;
  for (const LowLabelCell& cell : cells) {
    if (std::find(methods.begin(), methods.end(), cell.method) == methods.end())
      methods.push_back(cell.method);
    accuracies[{cell.method, cell.labelled_images}].push_back(cell.accuracy);
  }
  std::vector<LowLabelSummary> summaries;
  for (const Method method : methods)
    for (const auto& [key, values] : accuracies) {
      if (key.first != method) continue;
      const Moments over = moments(values);
      summaries.push_back({method, key.second, over.n, over.mean, over.deviation});
    }
  return summaries;
}

void plot_low_labels(const std::vector<LowLabelSummary>& summaries, const std::string& title,
                     const std::filesystem::path& out) {
  CurveChart chart;
  chart.title = title;
  chart.x_label = "labelled images";
  chart.y_label = "test accuracy";
  chart.log_x = true;
  for (const LowLabelSummary& each : summaries) {
    if (chart.curves.empty() || chart.curves.back().name != legend(each.method))
      chart.curves.push_back({legend(each.method), {}});
    chart.curves.back().points.push_back(
        {static_cast<double>(each.labelled_images), each.mean, each.deviation});
  }
  plot_curves(chart, out);
}

void plot_methods_at(const std::vector<LowLabelSummary>& summaries, int64_t labelled_images,
                     const std::string& title, const std::filesystem::path& out) {
  BarChart chart;
  chart.title = title;
  chart.y_label = "test accuracy";
  for (const LowLabelSummary& each : summaries)
    if (each.labelled_images == labelled_images)
      chart.bars.push_back({legend(each.method), each.mean, "", each.deviation});
  if (chart.bars.empty())
    fail_argument(text("results at ", labelled_images, " labelled images"), "none");
  plot_bars(chart, out);
}

}  // namespace submask
