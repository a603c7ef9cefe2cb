#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "base/fail.h"
#include "numeric/moments.h"
#include "numeric/rank_correlation.h"
#include "report/analysis/analyses.h"
#include "report/analysis/analysis_table.h"
#include "report/chart/scatter_chart.h"

namespace submask {
namespace {

// What evaluate says of a training set (training_set.h), and what tables call it.
constexpr std::pair<const char*, const char*> properties[] = {
    {"classes", "classes"},
    {"images", "training images"},
    {"image_size", "image size"},
    {"class_balance", "class balance"},
    {"label_entropy", "label entropy"},
    {"class_distance", "distance of classes in frozen features"}};

// One model on one data set, means over seeds and settings.
struct Place {
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

Place& place_of(const FinishedCell& cell, std::vector<Place>& places) {
  for (Place& each : places)
    if (each.model == cell.model && each.data == cell.data) return each;
  return places.emplace_back(Place{cell.model, cell.data, {}, {}, {}, {}, {}, {}});
}

void add_training_set(const FinishedCell& cell, Place& place) {
  for (const auto& [property, name] : properties) {
    const double value = cell.number(std::string("training_set.") + property);
    if (!std::isnan(value)) place.training_set[property].push_back(value);
  }
}

std::vector<Place> places_of(const std::vector<FinishedCell>& cells) {
  std::vector<Place> places;
  for (const FinishedCell& cell : cells) {
    Place& place = place_of(cell, places);
    const std::string method = cell.method();
    const double accuracy = cell.number("accuracy");
    if (method == "fs") {
      place.fs.push_back(accuracy);
      place.masked.push_back(cell.number("masked_fraction"));
    } else if (method == "fft") {
      place.fft.push_back(accuracy);
    } else if (method == "lp" || method == "knn") {
      (method == "lp" ? place.frozen_lp : place.frozen_knn).push_back(accuracy);
      add_training_set(cell, place);
    }
  }
  return places;
}

using Measure = std::function<double(const Place&)>;

struct Question {
  std::string x_name, y_name;
  Measure x, y;
};

std::vector<Question> questions() {
  const Measure fs = [](const Place& p) { return moments(p.fs).mean; };
  const Measure masked = [](const Place& p) { return moments(p.masked).mean; };
  const Measure frozen = [](const Place& p) { return p.frozen(); };
  const Measure gain = [](const Place& p) { return moments(p.fs).mean - p.frozen(); };
  const Measure over_fft = [](const Place& p) { return moments(p.fs).mean - moments(p.fft).mean; };
  std::vector<Question> all = {
      {"masked fraction", "accuracy of fs less that of the frozen network", masked, gain},
      {"accuracy of the frozen network", "accuracy of fs", frozen, fs}};
  for (const auto& [property, name] : properties) {
    const Measure of = [key = std::string(property)](const Place& p) { return p.property(key); };
    all.push_back({name, "accuracy of fs", of, fs});
    all.push_back({name, "accuracy of fs less that of fft", of, over_fft});
  }
  return all;
}

// Its row, numbers and figure; a sentence where the interval leaves 0 out. Nothing where the places
// do not tell.
void answer(const Question& question, const std::vector<Place>& places,
            const AnalysisOptions& options, AnalysisTable& table, Analysis& found) {
  std::vector<double> x, y;
  ScatterChart chart{"", question.x_name, question.y_name, {}};
  for (const Place& place : places) {
    const double at = question.x(place), value = question.y(place);
    if (std::isnan(at) || std::isnan(value)) continue;
    x.push_back(at);
    y.push_back(value);
    chart.points.push_back({at, value, place.model, place.data});
  }
  const RankCorrelation together = rank_correlation(x, y);
  const std::string of = question.x_name + " and " + question.y_name;
  if (std::isnan(together.rho)) {
    found.left_out.push_back("too few or equal values of " + of);
    return;
  }
  table.rows.push_back(
      {question.x_name, question.y_name, together.n, together.rho, together.low, together.high});
  found.numbers.push_back({of,
                           {{"points", static_cast<double>(together.n)},
                            {"rank_correlation", together.rho},
                            {"low", together.low},
                            {"high", together.high}}});
  if (together.low > 0 || together.high < 0)
    say(found, of,
        text("rank correlation ", in_words(together.rho), " over ", together.n,
             " pairs of model and data set, 95 % interval ", in_words(together.low), " to ",
             in_words(together.high)));
  const auto place = figure_path(options, "correlation", {question.x_name, question.y_name});
  plot_scatter(chart, place);
  found.files.push_back(place);
}

}  // namespace

void analyse_correlation(const std::vector<FinishedCell>& cells, const AnalysisOptions& options,
                         Analysis& found) {
  const std::vector<Place> places = places_of(cells);
  AnalysisTable table{{"x", "y", "points", "rank correlation", "from", "to"}, {}};
  for (const Question& question : questions()) answer(question, places, options, table, found);
  if (table.rows.empty())
    fail_without("fs cells of three models and data sets and more, with lp, knn or fft beside",
                 found);
  const bool some = !found.sentence.empty();
  say(found, some ? "The rest" : "Model and data set",
      text("of ", table.rows.size(), " rank correlations ", some ? "the others" : "all",
           " have 0 in their 95 % interval, or too few points for one"));
  write_table(table, "correlation", options, found);
}

}  // namespace submask
