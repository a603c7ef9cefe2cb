#include "report/chart/low_label_figures.h"

#include "base/fail.h"
#include "report/chart/bar_chart.h"
#include "report/chart/curve_chart.h"

namespace submask {
void plot_low_labels(const std::vector<LowLabelSummary>& summaries, const std::string& title,
                     const std::filesystem::path& out) {
  CurveChart chart;
  chart.title = title;
  chart.x_label = "labelled images";
  chart.y_label = "test accuracy";
  chart.log_x = true;
  for (const LowLabelSummary& each : summaries) {
    const std::string name = title_of(each.method);
    if (chart.curves.empty() || chart.curves.back().name != name)
      chart.curves.push_back({name, {}});
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
      chart.bars.push_back({title_of(each.method), each.mean, "", each.deviation});
  if (chart.bars.empty())
    fail_argument(text("results at ", labelled_images, " labelled images"), "none");
  plot_bars(chart, out);
}

}  // namespace submask
