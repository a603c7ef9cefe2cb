#include <cmath>
#include <nlohmann/json.hpp>

#include "base/fail.h"
#include "learn/settings_record.h"
#include "numeric/moments.h"
#include "report/analysis/analyses.h"
#include "report/analysis/analysis_table.h"
#include "report/analysis/learned_tasks.h"
#include "report/analysis/mask_drift.h"
#include "taskfile/task_difference.h"

namespace submask {
namespace {

using nlohmann::json;

struct LearnedMask {
  const FinishedCell* cell;
  Task task;
  EpochTasks epochs;
  json rest;  // of the settings, without the four below
  double rate = 0, mu = 0, mean = 0, deviation = 0;

  // Where scores start, and how widely, in steps of the rate and from the threshold. Theory makes
  // these two decide the mask: adding a number to scores and threshold changes no mask, and scaling
  // both is the same as scaling the rate (without weight decay).
  double start() const { return (mean - mu) / rate; }
  double spread() const { return deviation / rate; }
};

LearnedMask learned_mask(const FinishedCell& cell, Task task, EpochTasks epochs) {
  LearnedMask found{&cell, std::move(task), std::move(epochs), {}};
  const json provenance = json::parse(found.task.provenance, nullptr, /*allow_exceptions=*/false);
  try {
    json& settings = found.rest = whole_settings(provenance.at("settings"), "cell " + cell.id);
    found.rate = settings.at("rate");
    found.mu = settings.at("mu");
    found.mean = settings.at("score_mean");
    // A constant start draws nothing.
    found.deviation =
        settings.at("score_start") == "constant" ? 0.0 : settings.at("score_std").get<double>();
    for (const char* name : {"rate", "mu", "score_mean", "score_std"}) settings.erase(name);
  } catch (const json::exception& error) {
    fail_corrupt("a task that says its settings", error.what(), "cell " + cell.id);
  }
  return found;
}

bool near(double a, double b) {
  return std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b));
}

// Whether both masks are the same in theory.
bool equivalent(const LearnedMask& a, const LearnedMask& b) {
  return a.rest == b.rest && a.rest.at("weight_decay") == 0 && a.rest.at("update_rule") == "sgd" &&
         a.rest.at("criterion") == "threshold" && near(a.start(), b.start()) &&
         near(a.spread(), b.spread());
}

bool comparable(const LearnedMask& a, const LearnedMask& b) {
  return a.cell->model == b.cell->model && a.cell->data == b.cell->data &&
         a.rest.at("seed") == b.rest.at("seed");
}

std::string settings_name(const LearnedMask& learned) {
  const std::string settings = learned.cell->settings();
  return settings.empty() ? learned.cell->id.substr(0, 12) : settings;
}

// Pairs of masks that were compared.
struct ComparedPairs {
  std::vector<double> differing;  // of each pair the share of weights that differ
  int64_t equal = 0;              // how many pairs agree in every weight
  void add(const MaskAgreement& pair) {
    differing.push_back(1 - pair.equal_share());
    if (pair.equal_share() == 1) ++equal;
  }
};

}  // namespace

void analyse_invariance(const std::vector<FinishedCell>& cells, const AnalysisOptions& options,
                        Analysis& found) {
  LearnedTasks read(options.cells, found.left_out);
  std::vector<LearnedMask> learned;
  for (const FinishedCell& cell : cells)
    if (cell.learns && cell.option("method") == "fs")
      if (auto task = read.task(cell))
        learned.push_back(learned_mask(cell, std::move(*task), read.epochs(cell)));
  AnalysisTable table{{"model", "data", "seed", "a", "b", "same in theory", "weights",
                       "weights that differ", "share", "jaccard"},
                      {}};
  ComparedPairs same, other;
  MaskDrift drift;
  for (size_t i = 0; i < learned.size(); ++i)
    for (size_t j = i + 1; j < learned.size(); ++j) {
      const LearnedMask &a = learned[i], &b = learned[j];
      if (!comparable(a, b)) continue;
      const MaskAgreement pair = compare_tasks(a.task, b.task).all;
      const bool alike = equivalent(a, b);
      (alike ? same : other).add(pair);
      const auto differing = static_cast<int64_t>(
          std::llround((1 - pair.equal_share()) * static_cast<double>(pair.weights)));
      table.rows.push_back({a.cell->model, a.cell->data, a.cell->label("seed"), settings_name(a),
                            settings_name(b), alike ? "yes" : "no", pair.weights, differing,
                            1 - pair.equal_share(), pair.jaccard()});
      // Only beside the first settings: all pairs would be too many curves.
      if (settings_name(a) == settings_name(learned.front()))
        drift.add(a.cell->model + ", " + a.cell->data,
                  settings_name(b) + (alike ? " (same in theory)" : ""), a.epochs, b.epochs);
    }
  if (table.rows.empty()) fail_without("fs cells of several settings and one seed", found);
  write_table(table, "invariance", options, found);
  drift.write(options, found);
  const Moments apart = moments(other.differing);
  double most = 0;
  for (const double share : same.differing) most = std::max(most, share);
  found.numbers.push_back({"all pairs",
                           {{"equivalent_pairs", static_cast<double>(same.differing.size())},
                            {"equal_pairs", static_cast<double>(same.equal)},
                            {"most_differing", most},
                            {"other_pairs", static_cast<double>(other.differing.size())},
                            {"others_differing", apart.mean}}});
  add_sentence(
      found, "Settings of one seed",
      text(same.equal, " of ", same.differing.size(),
           " pairs that are the same in theory are equal in every weight, and none differs in more "
           "than a share of ",
           in_words(most), "; the ", other.differing.size(),
           " pairs that are not the same differ in ", in_words(apart.mean), " on average"));
}

}  // namespace submask
