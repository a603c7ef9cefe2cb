#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <tuple>

#include "base/fail.h"
#include "numeric/moments.h"
#include "report/analysis/analyses.h"
#include "report/analysis/analysis_table.h"
#include "report/table/first_seen_order.h"

namespace submask {
namespace {

constexpr double one_point = 0.01;  // of accuracy

// One method with one choice of all settings but the rate.
struct Sweep {
  std::string model, data, method, settings;
  std::map<double, std::vector<double>> accuracies;  // by rate, one of each seed
};

std::vector<Sweep> sweeps_of(const std::vector<FinishedCell>& cells) {
  std::vector<Sweep> sweeps;
  for (const FinishedCell& cell : cells) {
    const double rate = std::strtod(cell.option("rate").c_str(), nullptr);
    const double accuracy = cell.number("accuracy");
    if (!cell.learns || !(rate > 0) || std::isnan(accuracy)) continue;
    find_or_add(sweeps, Sweep{cell.model, cell.data, cell.method(), cell.settings("rate"), {}},
                [](const Sweep& each) {
                  return std::tie(each.model, each.data, each.method, each.settings);
                })
        .accuracies[rate]
        .push_back(accuracy);
  }
  std::erase_if(sweeps, [](const Sweep& each) { return each.accuracies.size() < 2; });
  return sweeps;
}

struct Reach {
  double best_rate = 0, best = -1, worst_rate = 0, worst = 2;
  double low = 0, high = 0;  // ends of the range around best_rate within one point of the best
};

Reach reach_of(const Sweep& sweep) {
  Reach reach;
  for (const auto& [rate, values] : sweep.accuracies) {
    const double mean = moments(values).mean;
    if (mean > reach.best) reach.best = mean, reach.best_rate = rate;
    if (mean < reach.worst) reach.worst = mean, reach.worst_rate = rate;
  }
  const auto near = [&](const auto& each) {
    return moments(each.second).mean >= reach.best - one_point;
  };
  auto first = sweep.accuracies.find(reach.best_rate), last = first;
  while (first != sweep.accuracies.begin() && near(*std::prev(first))) --first;
  while (std::next(last) != sweep.accuracies.end() && near(*std::next(last))) ++last;
  reach.low = first->first;
  reach.high = last->first;
  return reach;
}

}  // namespace

void analyse_tuning(const std::vector<FinishedCell>& cells, const AnalysisOptions& options,
                    Analysis& found) {
  const std::vector<Sweep> sweeps = sweeps_of(cells);
  if (sweeps.empty()) fail_without("a grid that sweeps --rate", found);
  AnalysisTable table{
      {"model", "data", "method", "settings", "rate", "seeds", "accuracy", "deviation"}, {}};
  std::vector<std::pair<std::string, CurveChart>> charts;  // by their files
  for (const Sweep& sweep : sweeps) {
    Curve curve{sweep.method + (sweep.settings.empty() ? "" : ", " + sweep.settings), {}};
    for (const auto& [rate, values] : sweep.accuracies) {
      const Moments over = moments(values);
      table.rows.push_back({sweep.model, sweep.data, sweep.method, sweep.settings, rate, over.n,
                            over.mean, over.deviation});
      curve.points.push_back({rate, over.mean, over.deviation});
    }
    const Reach reach = reach_of(sweep);
    const std::string model_and_data = sweep.model + ", " + sweep.data;
    const std::string part = model_and_data + ", " + curve.name;
    add_sentence(
        found, part,
        text("best ", in_words(reach.best), " at rate ", reach.best_rate, ", worst ",
             in_words(reach.worst), " at rate ", reach.worst_rate, ", ",
             in_words(100 * (reach.best - reach.worst)),
             " points apart; within one point of the best over a factor of ",
             in_words(reach.high / reach.low), " of rates (", reach.low, " to ", reach.high, ")"));
    found.numbers.push_back({part,
                             {{"best_rate", reach.best_rate},
                              {"best_accuracy", reach.best},
                              {"worst_rate", reach.worst_rate},
                              {"worst_accuracy", reach.worst},
                              {"factor_within_one_point", reach.high / reach.low}}});
    CurveChart& chart =
        value_named(charts, figure_path(options, "tuning", {sweep.model, sweep.data}).string());
    if (chart.curves.empty())
      chart = {"Accuracy by rate: " + model_and_data, "rate", "accuracy", true, {}};
    add_curve(chart, std::move(curve), model_and_data, found);
  }
  write_table(table, "tuning", options, found);
  for (const auto& [file, chart] : charts)
    add_figure(found, file, [&chart = chart](const auto& path) { plot_curves(chart, path); });
}

}  // namespace submask
