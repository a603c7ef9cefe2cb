#include <cmath>
#include <functional>

#include <submask/task_file.h>

#include "base/fail.h"
#include "experiment/analyses.h"
#include "experiment/analysis_table.h"
#include "experiment/moments.h"
#include "experiment/rank_correlation.h"
#include "experiment/scatter_chart.h"

namespace submask {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// One model on one data set, means over seeds and settings.
struct Place {
  std::string model, data;
  std::vector<double> fs, fft, frozen_lp, frozen_knn, masked;
  double classes = nan, training_images = nan;

  double frozen() const { return moments(frozen_lp.empty() ? frozen_knn : frozen_lp).mean; }
};

Place& place_of(const FinishedCell& cell, std::vector<Place>& places) {
  for (Place& each : places)
    if (each.model == cell.model && each.data == cell.data) return each;
  return places.emplace_back(Place{cell.model, cell.data, {}, {}, {}, {}, {}});
}

// What a task says of the data that it learned.
void add_data(const std::filesystem::path& learned, Place& place) {
  if (!std::isnan(place.classes) || !std::filesystem::exists(learned)) return;
  const PackedTask task = read_packed_task(learned);
  place.classes = static_cast<double>(task.classes.size());
  const auto provenance =
      nlohmann::json::parse(task.provenance, nullptr, /*allow_exceptions=*/false);
  if (provenance.is_object() && provenance.contains("training_images") &&
      provenance["training_images"].is_number())
    place.training_images = provenance["training_images"].get<double>();
}

std::vector<Place> places_of(const std::vector<FinishedCell>& cells,
                             const AnalysisOptions& options) {
  std::vector<Place> places;
  for (const FinishedCell& cell : cells) {
    Place& place = place_of(cell, places);
    const std::string method = cell.method();
    const double accuracy = cell.number("accuracy");
    if (method == "fs") {
      place.fs.push_back(accuracy);
      place.masked.push_back(cell.number("masked_fraction"));
      add_data(options.cells / cell.id / "learned.task", place);
    } else if (method == "fft") {
      place.fft.push_back(accuracy);
    } else if (method == "lp") {
      place.frozen_lp.push_back(accuracy);
    } else if (method == "knn") {
      place.frozen_knn.push_back(accuracy);
    }
  }
  return places;
}

struct Question {
  const char *x_name, *y_name;
  std::function<double(const Place&)> x, y;
};

}  // namespace

void analyse_correlation(const std::vector<FinishedCell>& cells, const AnalysisOptions& options,
                         Analysis& found) {
  const std::vector<Place> places = places_of(cells, options);
  const auto fs = [](const Place& p) { return moments(p.fs).mean; };
  const auto masked = [](const Place& p) { return moments(p.masked).mean; };
  const auto gain = [](const Place& p) { return moments(p.fs).mean - p.frozen(); };
  const auto over_fft = [](const Place& p) { return moments(p.fs).mean - moments(p.fft).mean; };
  const auto classes = [](const Place& p) { return p.classes; };
  const auto images = [](const Place& p) { return p.training_images; };
  const std::vector<Question> questions = {
      {"masked fraction", "accuracy of fs less that of the frozen network", masked, gain},
      {"accuracy of the frozen network", "accuracy of fs",
       [](const Place& p) { return p.frozen(); }, fs},
      {"classes", "accuracy of fs", classes, fs},
      {"classes", "accuracy of fs less that of fft", classes, over_fft},
      {"training images", "accuracy of fs", images, fs},
      {"training images", "accuracy of fs less that of fft", images, over_fft}};
  AnalysisTable table{{"x", "y", "points", "rank correlation", "from", "to"}, {}};
  for (const Question& question : questions) {
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
    const std::string of = std::string(question.x_name) + " and " + question.y_name;
    if (std::isnan(together.rho)) {
      found.left_out.push_back("too few or equal values of " + of);
      continue;
    }
    table.rows.push_back(
        {question.x_name, question.y_name, together.n, together.rho, together.low, together.high});
    found.numbers.push_back({of,
                             {{"points", static_cast<double>(together.n)},
                              {"rank_correlation", together.rho},
                              {"low", together.low},
                              {"high", together.high}}});
    say(found, of,
        text("rank correlation ", in_words(together.rho), " over ", together.n,
             " pairs of model and data set, 95 % interval ", in_words(together.low), " to ",
             in_words(together.high)));
    const auto place = figure_path(options, "correlation", {question.x_name, question.y_name});
    plot_scatter(chart, place);
    found.files.push_back(place);
  }
  if (table.rows.empty())
    fail_without("fs cells of three models and data sets and more, with lp, knn or fft beside",
                 found);
  write_table(table, "correlation", options, found);
}

}  // namespace submask
