#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include <ATen/ATen.h>

#include "base/fail.h"
#include "numeric/moments.h"
#include "numeric/rank_correlation.h"
#include "report/analysis/analyses.h"
#include "report/analysis/analysis_table.h"
#include "report/analysis/learned_tasks.h"
#include "report/chart/scatter_chart.h"
#include "report/chart/similarity_chart.h"
#include "report/table/first_seen_order.h"
#include "taskfile/task_difference.h"

namespace submask {
namespace {

// How alike the tasks of two data sets are: a value for each two seeds that are compared.
struct TaskPair {
  std::vector<double> jaccard, chance, cosine, difference;
};

// The cell of each seed and data set.
using CellsBySeed = std::map<std::string, std::map<std::string, const FinishedCell*>>;

// The tasks of one model, learned with the same settings.
struct Family {
  std::string model, settings;
  std::vector<std::string> sets;                        // the data sets, in the order of the grid
  CellsBySeed masks, weights;                           // that learned a mask, and all weights
  std::map<std::pair<size_t, size_t>, TaskPair> pairs;  // by the numbers of two data sets

  std::string name() const { return model + (settings.empty() ? "" : ", " + settings); }
};

// Cells with masks are of one family where model and settings agree. Full fine-tuning belongs to
// every family of its model.
std::vector<Family> families_of(const std::vector<FinishedCell>& cells) {
  std::vector<Family> all;
  for (const FinishedCell& cell : cells) {
    if (!cell.learns || cell.option("method") != "fs") continue;
    Family& family =
        find_or_add(all, Family{cell.model, cell.settings(), {}, {}, {}, {}},
                    [](const Family& each) { return std::tie(each.model, each.settings); });
    if (std::ranges::find(family.sets, cell.data) == family.sets.end())
      family.sets.push_back(cell.data);
    family.masks[cell.option("seed")].emplace(cell.data, &cell);
  }
  for (const FinishedCell& cell : cells) {
    if (!cell.learns || cell.option("method") != "fft") continue;
    for (Family& family : all)
      if (family.model == cell.model) family.weights[cell.option("seed")].emplace(cell.data, &cell);
  }
  std::erase_if(all, [](const Family& each) { return each.sets.size() < 2; });
  return all;
}

// Compares what was learned for every two data sets: for the one with one seed, for the other with
// the next seed. What a seed draws (the head's start, the order of images) makes masks alike by
// itself, so the same seed is taken only where there is no other. A data set is compared with
// itself too, which shows how much of a mask is the task at all. Only two seeds are in memory at a
// time, because the changes of all weights are large.
template <typename Value, typename Read, typename Compare>
void each_pair(const Family& family, const CellsBySeed& seeds, Read read, Compare compare) {
  const auto values_of = [&](const std::map<std::string, const FinishedCell*>& cells) {
    std::vector<std::optional<Value>> values(family.sets.size());
    for (size_t i = 0; i < values.size(); ++i)
      if (const auto cell = cells.find(family.sets[i]); cell != cells.end())
        values[i] = read(*cell->second);
    return values;
  };
  for (auto seed = seeds.begin(); seed != seeds.end(); ++seed) {
    const auto next = std::next(seed) == seeds.end() ? seeds.begin() : std::next(seed);
    const auto one = values_of(seed->second), other = values_of(next->second);
    const bool is_second_of_two = seeds.size() == 2 && seed != seeds.begin();  // as the first
    for (size_t a = 0; a < one.size(); ++a)
      for (size_t b = a; b < other.size(); ++b) {
        if (a == b && (is_second_of_two || next == seed)) continue;
        if (one[a] && other[b]) compare(std::pair(a, b), *one[a], *other[b]);
      }
  }
}

void compare_sets(Family& family, LearnedTasks& learned) {
  each_pair<Task>(
      family, family.masks, [&](const FinishedCell& cell) { return learned.task(cell); },
      [&](const std::pair<size_t, size_t>& sets, const Task& a, const Task& b) {
        const MaskAgreement both = compare_tasks(a, b).all;
        if (both.off_a + both.off_b == 0) return;
        family.pairs[sets].jaccard.push_back(both.jaccard());
        family.pairs[sets].chance.push_back(both.chance_jaccard());
      });
  each_pair<at::Tensor>(
      family, family.weights,
      [&](const FinishedCell& cell) -> std::optional<at::Tensor> {
        const at::Tensor change = learned.weight_change(cell);
        return change.defined() ? std::optional(change) : std::nullopt;
      },
      [&](const std::pair<size_t, size_t>& sets, const at::Tensor& a, const at::Tensor& b) {
        const double lengths = a.norm().item<double>() * b.norm().item<double>();
        if (lengths > 0) family.pairs[sets].cosine.push_back(a.dot(b).item<double>() / lengths);
        family.pairs[sets].difference.push_back((a - b).abs().mean().item<double>());
      });
}

SquareMatrix matrix_of(const Family& family, std::vector<double> TaskPair::*values) {
  const size_t n = family.sets.size();
  SquareMatrix matrix(n, std::vector<double>(n, std::numeric_limits<double>::quiet_NaN()));
  for (const auto& [sets, pair] : family.pairs)
    matrix[sets.first][sets.second] = matrix[sets.second][sets.first] = moments(pair.*values).mean;
  return matrix;
}

bool is_whole(const SquareMatrix& matrix) {
  for (size_t i = 0; i < matrix.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (std::isnan(matrix[i][j])) return false;
  return true;
}

void draw(const Family& family, const std::string& name, const std::string& measure,
          std::vector<double> TaskPair::*values, const AnalysisOptions& options, Analysis& found) {
  const SquareMatrix matrix = matrix_of(family, values);
  if (!is_whole(matrix)) {
    found.left_out.push_back("no map of the " + measure + " of " + family.model +
                             ": a pair of data sets has none");
    return;
  }
  const SimilarityChart chart{measure + " of tasks: " + family.model, measure, family.sets, matrix};
  add_figure(found, figure_path(options, name, {family.model, family.settings}),
             [&](const auto& path) { plot_similarity(chart, path); });
}

// How far the masks of two data sets agree beyond chance, over how far masks of the same data set
// with two seeds do (the geometric mean of both data sets'). It is near 1 where masks know nothing
// of the task. Unlike Jaccard it does not grow with the number of weights that masks switch off.
// NaN where there is only one seed.
double share_of_own(const Family& family, const std::pair<size_t, size_t>& sets) {
  const auto beyond_chance = [&](size_t a, size_t b) {
    const auto pair = family.pairs.find({a, b});
    if (pair == family.pairs.end()) return std::numeric_limits<double>::quiet_NaN();
    return moments(pair->second.jaccard).mean - moments(pair->second.chance).mean;
  };
  const double a = beyond_chance(sets.first, sets.first),
               b = beyond_chance(sets.second, sets.second);
  if (!(a > 0 && b > 0)) return std::numeric_limits<double>::quiet_NaN();
  return beyond_chance(sets.first, sets.second) / std::sqrt(a * b);
}

// The pairs of different data sets: item i of every list is of pair i.
struct PairsWithMasks {
  std::vector<std::string> names;
  std::vector<double> jaccard, chance, share_of_own;

  // The pair with the largest share_of_own, or with the largest Jaccard where a share is missing.
  std::string most_alike() const {
    const bool shares = std::ranges::none_of(share_of_own, [](double x) { return std::isnan(x); });
    const std::vector<double>& by = shares ? share_of_own : jaccard;
    const auto most = std::ranges::max_element(by) - by.begin();
    return text(names[static_cast<size_t>(most)], " (", in_words(by[static_cast<size_t>(most)]),
                ")");
  }
};

std::string sentence(const PairsWithMasks& pairs, double own_jaccard,
                     const RankCorrelation& together) {
  std::string words =
      text("of the weights that the tasks of two data sets switch off both switch off ",
           in_words(moments(pairs.jaccard).mean), " (mean of ", pairs.jaccard.size(),
           " pairs), where chance gives ", in_words(moments(pairs.chance).mean));
  if (!std::isnan(own_jaccard))
    words += text(" and one data set with two seeds ", in_words(own_jaccard));
  if (const Moments share = moments(pairs.share_of_own); share.n > 0)
    words +=
        text(": beyond chance two share ", in_words(share.mean), " of what one has with itself");
  words += "; most alike are " + pairs.most_alike();
  if (together.n > 0)
    words += text("; the rank correlation of Jaccard with the cosine of weight changes is ",
                  in_words(together.rho), " over ", together.n, " pairs");
  return words;
}

void report_family(const Family& family, const AnalysisOptions& options, AnalysisTable& table,
                   Analysis& found) {
  PairsWithMasks pairs;
  std::vector<double> own_jaccards, compared, cosines;
  ScatterChart scatter{"Masks and weight changes: " + family.model,
                       "cosine of weight changes",
                       "Jaccard of the masked sets",
                       {}};
  for (const auto& [sets, pair] : family.pairs) {
    const bool is_same_set = sets.first == sets.second;
    const std::string a = family.sets[sets.first], b = family.sets[sets.second];
    const double share = share_of_own(family, sets);
    const Moments jaccard = moments(pair.jaccard), chance = moments(pair.chance),
                  cosine = moments(pair.cosine), difference = moments(pair.difference);
    table.rows.push_back({family.model, family.settings, a, b, jaccard.n, jaccard.mean,
                          jaccard.deviation, chance.mean, share, cosine.mean, difference.mean});
    if (is_same_set) own_jaccards.push_back(jaccard.mean);
    if (is_same_set || std::isnan(jaccard.mean)) continue;
    pairs.names.push_back(text(a, " and ", b));
    pairs.jaccard.push_back(jaccard.mean);
    pairs.chance.push_back(chance.mean);
    pairs.share_of_own.push_back(share);
    if (std::isnan(cosine.mean)) continue;
    compared.push_back(jaccard.mean);
    cosines.push_back(cosine.mean);
    scatter.points.push_back({cosine.mean, jaccard.mean, "", text(a, ", ", b)});
  }
  if (pairs.names.empty()) {
    found.left_out.push_back("no two data sets of " + family.model + " have masks to compare");
    return;
  }
  const double own_jaccard = moments(own_jaccards).mean;
  const RankCorrelation together = rank_correlation(compared, cosines);
  found.numbers.push_back({family.model,
                           {{"pairs", static_cast<double>(pairs.jaccard.size())},
                            {"jaccard", moments(pairs.jaccard).mean},
                            {"own_jaccard", own_jaccard},
                            {"chance_jaccard", moments(pairs.chance).mean},
                            {"share_of_own", moments(pairs.share_of_own).mean},
                            {"cosine", moments(cosines).mean},
                            {"rank_correlation", together.rho}}});
  add_sentence(found, family.name(), sentence(pairs, own_jaccard, together));
  draw(family, "similarity_masks", "Jaccard", &TaskPair::jaccard, options, found);
  if (scatter.points.empty()) return;
  draw(family, "similarity_weights", "cosine", &TaskPair::cosine, options, found);
  add_figure(found, figure_path(options, "similarity", {family.model, family.settings}),
             [&](const auto& path) { plot_scatter(scatter, path); });
}

}  // namespace

void analyse_similarity(const std::vector<FinishedCell>& cells, const AnalysisOptions& options,
                        Analysis& found) {
  LearnedTasks learned(options.cells, found.left_out);
  AnalysisTable table{
      {"model", "settings", "a", "b", "seeds", "jaccard", "deviation", "by chance", "share of own",
       "cosine of weight changes", "mean absolute difference of weights"},
      {}};
  for (Family& family : families_of(cells)) {
    compare_sets(family, learned);
    if (!family.pairs.empty()) report_family(family, options, table, found);
  }
  if (table.rows.empty()) fail_without("fs cells of two data sets and more", found);
  write_table(table, "similarity", options, found);
}

}  // namespace submask
