#include "report/analysis/analysis.h"

#include <cctype>

#include "base/fail.h"
#include "base/output_file.h"
#include "report/analysis/analyses.h"

namespace submask {
namespace {

const std::vector<std::pair<std::string, AnalysisFunction>>& analyses() {
  static const std::vector<std::pair<std::string, AnalysisFunction>> all = {
      {"similarity", analyse_similarity}, {"stability", analyse_stability},
      {"invariance", analyse_invariance}, {"correlation", analyse_correlation},
      {"tuning", analyse_tuning},
  };
  return all;
}

}  // namespace

std::vector<std::string> analysis_names() {
  std::vector<std::string> names;
  for (const auto& [name, function] : analyses()) names.push_back(name);
  return names;
}

Analysis analyse(const std::string& name, const ResultsDatabase& database,
                 const AnalysisOptions& options) {
  for (const auto& [known, function] : analyses()) {
    if (known != name) continue;
    Analysis found;
    const auto cells = finished_cells(database, options.grid, found.left_out);
    function(cells, options, found);
    return found;
  }
  fail_argument("similarity, stability, invariance, correlation or tuning", name);
}

void add_sentence(Analysis& found, const std::string& part, const std::string& words) {
  found.sentence += (found.sentence.empty() ? "" : " ") + part + ": " + words + ".";
}

void add_curve(CurveChart& chart, Curve curve, const std::string& part, Analysis& found) {
  if (chart.curves.size() < most_curves)
    chart.curves.push_back(std::move(curve));
  else
    found.left_out.push_back(text("no room in the figure for ", part, ", ", curve.name));
}

void fail_without(const std::string& expected, const Analysis& found) {
  fail_argument(expected,
                found.left_out.empty() ? "none with results" : "none: " + found.left_out.front());
}

std::filesystem::path figure_path(const AnalysisOptions& options, const std::string& name,
                                  const std::vector<std::string>& parts) {
  std::string file = name;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    file += '_';
    for (const char c : part)
      file += std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' ? c : '-';
  }
  make_folder(options.out);
  return options.out / (file + "." + options.format);
}

}  // namespace submask
