#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <tuple>

#include "base/fail.h"
#include "numeric/moments.h"
#include "numeric/rank_correlation.h"
#include "report/analysis/analyses.h"
#include "report/analysis/analysis_table.h"
#include "report/chart/scatter_chart.h"
#include "report/table/first_seen_order.h"

namespace submask {
namespace {

// The properties of a training set that evaluate reports (training_set.h), and their names in
// tables.
constexpr std::pair<const char*, const char*> properties[] = {
    {"classes", "classes"},
    {"images", "training images"},
    {"image_size", "image size"},
    {"class_balance", "class balance"},
    {"label_entropy", "label entropy"},
    {"class_distance", "distance of classes in frozen features"}};

// One model on one data set: what its cells have, of all seeds and settings.
struct ModelOnData {
  std::string model, data;
  std::vector<double> fs, fft, frozen_lp, frozen_knn, masked;
  std::map<std::string, std::vector<double>> training_set;  // by property

  double frozen() const { return moments(frozen_lp.empty() ? frozen_knn : frozen_lp).mean; }
  double property(const std::string& name) const {
    const auto found = training_set.find(name);
    return found == training_set.end() ? std::numeric_limits<double>::quiet_NaN()
                                       : moments(found->second).mean;
  }
};

void add_training_set(const FinishedCell& cell, ModelOnData& pair) {
  for (const auto& [property, name] : properties) {
    const double value = cell.number(std::string("training_set.") + property);
    if (!std::isnan(value)) pair.training_set[property].push_back(value);
  }
}

std::vector<ModelOnData> pairs_of(const std::vector<FinishedCell>& cells) {
  std::vector<ModelOnData> pairs;
  for (const FinishedCell& cell : cells) {
    ModelOnData& pair =
        find_or_add(pairs, ModelOnData{cell.model, cell.data, {}, {}, {}, {}, {}, {}},
                    [](const ModelOnData& each) { return std::tie(each.model, each.data); });
    const std::string method = cell.method();
    const double accuracy = cell.number("accuracy");
    if (method == "fs") {
      pair.fs.push_back(accuracy);
      pair.masked.push_back(cell.number("masked_fraction"));
    } else if (method == "fft") {
      pair.fft.push_back(accuracy);
    } else if (method == "lp" || method == "knn") {
      (method == "lp" ? pair.frozen_lp : pair.frozen_knn).push_back(accuracy);
      add_training_set(cell, pair);
    }
  }
  return pairs;
}

using Measure = std::function<double(const ModelOnData&)>;

struct Question {
  std::string x_name, y_name;
  Measure x, y;
};

std::vector<Question> questions() {
  const Measure fs = [](const ModelOnData& p) { return moments(p.fs).mean; };
  const Measure masked = [](const ModelOnData& p) { return moments(p.masked).mean; };
  const Measure frozen = [](const ModelOnData& p) { return p.frozen(); };
  const Measure gain = [](const ModelOnData& p) { return moments(p.fs).mean - p.frozen(); };
  const Measure over_fft = [](const ModelOnData& p) {
    return moments(p.fs).mean - moments(p.fft).mean;
  };
  std::vector<Question> all = {
      {"masked fraction", "accuracy of fs less that of the frozen network", masked, gain},
      {"accuracy of the frozen network", "accuracy of fs", frozen, fs}};
  for (const auto& [property, name] : properties) {
    const Measure by_property = [key = std::string(property)](const ModelOnData& p) {
      return p.property(key);
    };
    all.push_back({name, "accuracy of fs", by_property, fs});
    all.push_back({name, "accuracy of fs less that of fft", by_property, over_fft});
  }
  return all;
}

// Adds the row, the numbers and the figure of a question, and a sentence where 0 is outside the
// interval. Adds none of them where there are too few values, or all are equal.
void answer(const Question& question, const std::vector<ModelOnData>& pairs,
            const AnalysisOptions& options, AnalysisTable& table, Analysis& found) {
  std::vector<double> x, y;
  ScatterChart chart{"", question.x_name, question.y_name, {}};
  for (const ModelOnData& pair : pairs) {
    const double x_value = question.x(pair), y_value = question.y(pair);
    if (std::isnan(x_value) || std::isnan(y_value)) continue;
    x.push_back(x_value);
    y.push_back(y_value);
    chart.points.push_back({x_value, y_value, pair.model, pair.data});
  }
  const RankCorrelation together = rank_correlation(x, y);
  const std::string both = question.x_name + " and " + question.y_name;
  if (std::isnan(together.rho)) {
    found.left_out.push_back("too few or equal values of " + both);
    return;
  }
  table.rows.push_back(
      {question.x_name, question.y_name, together.n, together.rho, together.low, together.high});
  found.numbers.push_back({both,
                           {{"points", static_cast<double>(together.n)},
                            {"rank_correlation", together.rho},
                            {"low", together.low},
                            {"high", together.high}}});
  if (together.low > 0 || together.high < 0)
    add_sentence(found, both,
                 text("rank correlation ", in_words(together.rho), " over ", together.n,
                      " pairs of model and data set, 95 % interval ", in_words(together.low),
                      " to ", in_words(together.high)));
  add_figure(found, figure_path(options, "correlation", {question.x_name, question.y_name}),
             [&](const auto& path) { plot_scatter(chart, path); });
}

}  // namespace

void analyse_correlation(const std::vector<FinishedCell>& cells, const AnalysisOptions& options,
                         Analysis& found) {
  const std::vector<ModelOnData> pairs = pairs_of(cells);
  AnalysisTable table{{"x", "y", "points", "rank correlation", "from", "to"}, {}};
  for (const Question& question : questions()) answer(question, pairs, options, table, found);
  if (table.rows.empty())
    fail_without("fs cells of three models and data sets and more, with lp, knn or fft beside",
                 found);
  const bool some = !found.sentence.empty();
  add_sentence(found, some ? "The rest" : "Model and data set",
               text("of ", table.rows.size(), " rank correlations ", some ? "the others" : "all",
                    " have 0 in their 95 % interval, or too few points for one"));
  write_table(table, "correlation", options, found);
}

}  // namespace submask
