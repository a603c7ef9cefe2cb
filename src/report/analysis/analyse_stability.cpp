#include <limits>
#include <tuple>

#include "base/fail.h"
#include "numeric/moments.h"
#include "report/analysis/analyses.h"
#include "report/analysis/analysis_table.h"
#include "report/analysis/learned_tasks.h"
#include "report/chart/bar_chart.h"
#include "report/table/first_seen_order.h"
#include "taskfile/task_difference.h"

namespace submask {
namespace {

// Cells that differ in their seed alone.
struct Repeats {
  std::string model, data, settings;
  std::vector<const FinishedCell*> cells;

  std::string name() const {
    return model + ", " + data + (settings.empty() ? "" : ", " + settings);
  }
};

std::vector<Repeats> repeats_of(const std::vector<FinishedCell>& cells) {
  std::vector<Repeats> all;
  for (const FinishedCell& cell : cells) {
    if (!cell.learns || cell.option("method") != "fs") continue;
    find_or_add(all, Repeats{cell.model, cell.data, cell.settings(), {}}, [](const Repeats& each) {
      return std::tie(each.model, each.data, each.settings);
    }).cells.push_back(&cell);
  }
  std::erase_if(all, [](const Repeats& each) { return each.cells.size() < 2; });
  return all;
}

// How alike a mask unit's masks of two seeds are, for each pair of seeds in which either switches a
// weight off.
struct UnitRepeats {
  std::string name;
  std::vector<double> jaccard, chance;

  void add(const MaskAgreement& pair) {
    if (pair.off_a + pair.off_b == 0) return;
    jaccard.push_back(pair.jaccard());
    chance.push_back(pair.chance_jaccard());
  }
};

// The whole network first, then unit by unit.
std::vector<UnitRepeats> compare_all(const std::vector<Task>& tasks) {
  std::vector<UnitRepeats> units = {{"all units", {}, {}}};
  for (size_t a = 0; a < tasks.size(); ++a)
    for (size_t b = a + 1; b < tasks.size(); ++b) {
      const TaskDifference pair = compare_tasks(tasks[a], tasks[b]);
      units[0].add(pair.all);
      for (size_t i = 0; i < pair.units.size(); ++i) {
        if (units.size() < i + 2) units.push_back({pair.units[i].name, {}, {}});
        units[i + 1].add(pair.units[i]);
      }
    }
  return units;
}

}  // namespace

void analyse_stability(const std::vector<FinishedCell>& cells, const AnalysisOptions& options,
                       Analysis& found) {
  LearnedTasks learned(options.cells, found.left_out);
  AnalysisTable table{{"model", "data", "settings", "unit", "pairs", "jaccard", "deviation",
                       "by chance", "over chance"},
                      {}};
  for (const Repeats& repeats : repeats_of(cells)) {
    std::vector<Task> tasks;
    for (const FinishedCell* cell : repeats.cells)
      if (auto task = learned.task(*cell)) tasks.push_back(std::move(*task));
    if (tasks.size() < 2) continue;
    BarChart chart{"Switched off again with another seed: " + repeats.name(),
                   "mask unit, from input to output",
                   "Jaccard of the masked sets",
                   {}};
    const std::vector<UnitRepeats> units = compare_all(tasks);
    for (const UnitRepeats& unit : units) {
      const Moments jaccard = moments(unit.jaccard), chance = moments(unit.chance);
      table.rows.push_back({repeats.model, repeats.data, repeats.settings, unit.name, jaccard.n,
                            jaccard.mean, jaccard.deviation, chance.mean,
                            jaccard.mean / chance.mean});
      if (jaccard.n == 0 || &unit == &units.front()) continue;
      chart.bars.push_back({unit.name, jaccard.mean, "found", jaccard.deviation});
      chart.bars.push_back({"", chance.mean, "by chance"});
    }
    const Moments jaccard = moments(units[0].jaccard), chance = moments(units[0].chance);
    found.numbers.push_back({repeats.name(),
                             {{"seeds", static_cast<double>(tasks.size())},
                              {"jaccard", jaccard.mean},
                              {"chance_jaccard", chance.mean}}});
    add_sentence(found, repeats.name(),
                 jaccard.n == 0
                     ? text("no weight is switched off (", tasks.size(), " seeds)")
                     : text("of the weights that either of two seeds switches off both switch off ",
                            in_words(jaccard.mean), " (", tasks.size(),
                            " seeds), where chance gives ", in_words(chance.mean)));
    if (chart.bars.empty()) continue;
    add_figure(found,
               figure_path(options, "stability", {repeats.model, repeats.data, repeats.settings}),
               [&](const auto& path) { plot_bars(chart, path); });
  }
  if (table.rows.empty()) fail_without("fs cells of two seeds and more", found);
  write_table(table, "stability", options, found);
}

}  // namespace submask
