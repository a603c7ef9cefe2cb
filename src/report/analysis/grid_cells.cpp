#include "report/analysis/grid_cells.h"

#include <algorithm>
#include <limits>

#include "base/fail.h"
#include "base/shell_words.h"
#include "report/table/result_number.h"
#include "report/table/results_table.h"

namespace submask {
namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

// "train --method=fs --data='a b'", as command_line() prints it. Databases of submask 0.1 have no
// quotes: there a word without dashes goes on with the value before it.
std::map<std::string, std::string> options_of(const std::string& command) {
  std::map<std::string, std::string> options;
  std::string name;
  for (const std::string& word : shell_words(command)) {
    const bool names_one = word.starts_with("--");
    if (!names_one && name.empty()) continue;  // the command itself
    const size_t equals = std::min(word.find('='), word.size());
    if (names_one) name = word.substr(2, equals - 2);
    std::string& value = options[name];
    if (!value.empty()) value += ' ';
    value += !names_one ? word : equals < word.size() ? word.substr(equals + 1) : "true";
  }
  return options;
}

// The axis that chooses an option: all cells with the same label on it have the same value of the
// option. Of several such axes it is the one with a usual name, or else the one with the fewest
// labels. "" where there is none, and where the option never changes and no axis has a usual name.
// Cells that measure what another cell learned do not count, as their weights may be its.
template <typename OptionOf>
std::string axis_of(const std::vector<FinishedCell>& cells, const std::set<std::string>& usual,
                    OptionOf option_of) {
  std::map<std::string, std::map<std::string, std::set<std::string>>> options_by_label;
  std::set<std::string> options;
  for (const FinishedCell& cell : cells) {
    if (cell.label("method").find(" + ") != std::string::npos) continue;
    options.insert(option_of(cell));
    for (const auto& [name, value] : cell.labels)
      if (name != "method" && name != "seed") options_by_label[name][value].insert(option_of(cell));
  }
  std::string best;
  size_t best_values = std::numeric_limits<size_t>::max();
  for (const auto& [name, by_value] : options_by_label) {
    if (options.size() == 1 && !usual.contains(name)) continue;
    if (std::any_of(by_value.begin(), by_value.end(),
                    [](const auto& each) { return each.second.size() > 1; }))
      continue;
    const size_t values = usual.contains(name) ? 0 : by_value.size();
    if (values < best_values) {
      best = name;
      best_values = values;
    }
  }
  return best;
}

void name_cells(std::vector<FinishedCell>& cells) {
  const auto model_of = [](const FinishedCell& cell) {
    return cell.option("backbone") + " " + cell.option("weights");
  };
  const auto data_of = [](const FinishedCell& cell) { return cell.option("data"); };
  const std::string model = axis_of(cells, {"model", "backbone"}, model_of);
  const std::string data = axis_of(cells, {"set", "data"}, data_of);
  std::map<std::string, std::set<std::string>> values;
  for (const FinishedCell& cell : cells)
    for (const auto& [name, value] : cell.labels) values[name].insert(value);
  for (FinishedCell& cell : cells) {
    cell.model = model.empty() ? cell.option("backbone") : cell.label(model);
    cell.data = data.empty() ? cell.option("data") : cell.label(data);
    const std::set<std::string> named = {model, data, "method", "seed"};
    for (const auto& [name, value] : cell.labels)
      if (!named.contains(name) && values[name].size() > 1) cell.others.emplace_back(name, value);
  }
}

}  // namespace

std::string FinishedCell::label(const std::string& name) const {
  for (const auto& [each, value] : labels)
    if (each == name) return value;
  return "";
}

std::string FinishedCell::option(const std::string& name) const {
  // The command is that of whichever grid ran the cell first, which may have left this to a
  // default.
  if (std::string by_label = label(name); !by_label.empty()) return by_label;
  const auto found = options.find(name);
  return found == options.end() ? "" : found->second;
}

std::string FinishedCell::settings(const std::string& without) const {
  std::string all;
  for (const auto& [name, value] : others)
    if (name != without) all += text(all.empty() ? "" : ", ", name, " ", value);
  return all;
}

double FinishedCell::number(const std::string& key) const {
  return result_number(result, key).value_or(std::numeric_limits<double>::quiet_NaN());
}

std::vector<FinishedCell> finished_cells(const ResultsDatabase& database, const std::string& grid,
                                         std::vector<std::string>& left_out) {
  std::vector<FinishedCell> cells;
  std::set<std::pair<std::string, Labels>> seen;
  int64_t missing = 0, failed = 0;
  const GridResults results = read_grid_results(database, grid);
  for (const GridEntry& entry : results.entries) {
    if (!seen.insert({entry.cell, entry.labels}).second) continue;
    const auto found = results.cells.find(entry.cell);
    if (found == results.cells.end()) {
      ++missing;
      continue;
    }
    if (!found->second.done) {
      ++failed;
      continue;
    }
    FinishedCell cell;
    cell.id = entry.cell;
    cell.learns = found->second.command.starts_with("train ");
    cell.labels = entry.labels;
    cell.options = options_of(found->second.command);
    cell.result = nlohmann::json::parse(found->second.result);  // an object (ResultsDatabase)
    cells.push_back(std::move(cell));
  }
  if (missing > 0) left_out.push_back(text(missing, " cells have no result yet"));
  if (failed > 0) left_out.push_back(text(failed, " cells failed"));
  name_cells(cells);
  return cells;
}

}  // namespace submask
