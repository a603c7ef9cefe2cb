#include "report/analysis/mask_drift.h"

#include "numeric/moments.h"
#include "report/analysis/analysis_table.h"
#include "report/table/first_seen_order.h"
#include "taskfile/task_difference.h"

namespace submask {

void MaskDrift::add(const std::string& chart, const std::string& curve, const EpochTasks& a,
                    const EpochTasks& b) {
  for (const auto& [epoch, task] : a) {
    const auto other = b.find(epoch);
    if (other == b.end()) continue;
    value_named(value_named(charts_, chart), curve)[epoch].push_back(
        1 - compare_tasks(task, other->second).all.equal_share());
  }
}

void MaskDrift::write(const AnalysisOptions& options, Analysis& found) const {
  if (charts_.empty()) return;
  AnalysisTable table{{"of", "pair", "epoch", "seeds", "share that differs", "deviation"}, {}};
  for (const auto& [title, curves] : charts_) {
    CurveChart chart{title, "epoch", "share of the weights that differ", false, {}};
    for (const auto& [name, shares] : curves) {
      Curve curve{name, {}};
      for (const auto& [epoch, values] : shares) {
        const Moments over = moments(values);
        table.rows.push_back({title, name, epoch, over.n, over.mean, over.deviation});
        curve.points.push_back({static_cast<double>(epoch), over.mean, over.deviation});
      }
      add_curve(chart, std::move(curve), title, found);
    }
    add_figure(found, figure_path(options, "invariance_epochs", {title}),
               [&](const auto& path) { plot_curves(chart, path); });
  }
  write_table(table, "invariance_epochs", options, found);
}

}  // namespace submask
