#include "report/table/results_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/fail.h"
#include "base/joined.h"
#include "base/names.h"
#include "base/nearest_name.h"
#include "numeric/moments.h"
#include "report/table/result_number.h"
#include "run/run_fields.h"

namespace submask {
namespace {

using Names = std::vector<std::string>;

std::string joined_names(Names names) {
  std::erase(names, "");
  return joined(names);
}

// The values of a column's labels; "no LABEL" where its cells have none of the labels.
std::string column_name(const Names& labels, const Names& values, const std::string& metric) {
  if (labels.empty()) return metric;
  const std::string name = joined_names(values);
  return name.empty() ? "no " + joined_names(labels) : name;
}

std::string choose_grid(const ResultsDatabase& database, const std::string& wanted) {
  const Names grids = database.grids();
  if (grids.empty()) fail_argument("a database with a grid", "none in it");
  if (wanted.empty() && grids.size() > 1)
    fail_argument("--grid " + one_of(grids) + ", which the database has", "none");
  if (wanted.empty()) return grids.front();
  if (std::find(grids.begin(), grids.end(), wanted) == grids.end())
    fail_unknown("a grid of the database", wanted, grids, one_of(grids));
  return wanted;
}

// In the order in which they first appear, the labels of all cells.
Names label_names(const std::vector<GridEntry>& entries) {
  Names names;
  for (const GridEntry& entry : entries)
    for (const auto& [name, value] : entry.labels)
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

void check_labels(const Names& wanted, const Names& known) {
  for (const std::string& name : wanted)
    if (std::find(known.begin(), known.end(), name) == known.end())
      fail_argument("labels of the grid: " + joined(known), name);
}

Names values_of(const GridEntry& entry, const Names& labels) {
  Names values;
  for (const std::string& label : labels) {
    const auto found = std::find_if(entry.labels.begin(), entry.labels.end(),
                                    [&](const auto& each) { return each.first == label; });
    values.push_back(found == entry.labels.end() ? "" : found->second);
  }
  return values;
}

// The index of a value in a list, which gets it at its end where it is new.
template <typename T>
size_t index_in(std::vector<T>& list, const T& value) {
  const auto found = std::find(list.begin(), list.end(), value);
  if (found != list.end()) return static_cast<size_t>(found - list.begin());
  list.push_back(value);
  return list.size() - 1;
}

// A row as the indices of its values, each among the values of its label in the order of the grid.
// Sorted so, rows with the same first value stand together, among them those with the same second
// value, and so on.
using RowIndices = std::vector<size_t>;

RowIndices indices_in_each(std::vector<Names>& lists, const Names& row) {
  RowIndices indices;
  for (size_t i = 0; i < row.size(); ++i) indices.push_back(index_in(lists[i], row[i]));
  return indices;
}

struct Tally {
  TableEntry entry;
  std::vector<double> values;

  TableEntry finished() const {
    TableEntry result = entry;
    const Moments over = moments(values);
    result.values = over.n;
    if (over.n > 0) result.mean = over.mean;
    result.deviation = over.deviation;
    return result;
  }
};

// All of its cells have results, and none of them has the metric.
bool is_blank(const TableEntry& entry) { return entry.values + entry.missing + entry.failed == 0; }

void drop_blank_columns(ResultsTable& table) {
  for (size_t i = table.column_names.size(); i-- > 0;) {
    const auto at = static_cast<std::ptrdiff_t>(i);
    if (!std::ranges::all_of(table.entries, is_blank, [i](const auto& row) { return row[i]; }))
      continue;
    table.column_names.erase(table.column_names.begin() + at);
    for (auto& row : table.entries) row.erase(row.begin() + at);
  }
}

// `done_cell` is one without the metric; null where no cell has a result yet, which is no reason to
// take a misspelt name.
void check_metric(const std::string& metric, const CellResult* done_cell) {
  const Names numbers = done_cell == nullptr
                            ? usual_numbers()
                            : number_names(nlohmann::json::parse(done_cell->result));
  const bool may_come = done_cell == nullptr && (metric.find('.') != std::string::npos ||
                                                 std::ranges::count(numbers, metric) > 0);
  if (!may_come) fail_unknown("a number in the results", metric, numbers, one_of(numbers));
}

std::map<std::string, std::string> labelled(const Names& rows, const Names& row,
                                            const Names& columns, const Names& column) {
  std::map<std::string, std::string> labels;
  for (size_t i = 0; i < rows.size(); ++i) labels[rows[i]] = row[i];
  for (size_t i = 0; i < columns.size(); ++i) labels[columns[i]] = column[i];
  return labels;
}

std::optional<double> reference_at(const std::map<std::string, std::string>& labels,
                                   const TableOptions& options) {
  for (const ReferenceValue& each : options.reference) {
    const bool here = std::ranges::all_of(each.labels, [&](const auto& label) {
      const auto found = labels.find(label.first);
      return found != labels.end() && found->second == label.second;
    });
    if (here && each.metric == options.metric) return each.value;
  }
  return std::nullopt;
}

}  // namespace

GridResults read_grid_results(const ResultsDatabase& database, const std::string& title) {
  GridResults results;
  results.title = choose_grid(database, title);
  results.entries = database.entries(results.title);
  for (CellResult& cell : database.cells_of(results.title)) {
    const std::string id = cell.id;
    results.cells.emplace(id, std::move(cell));
  }
  return results;
}

RunCounts count_runs(const GridResults& results) {
  std::set<std::string> names;
  for (const GridEntry& entry : results.entries) names.insert(entry.cell);
  const auto failed = static_cast<size_t>(
      std::ranges::count_if(results.cells, [](const auto& cell) { return !cell.second.done; }));
  return {results.cells.size() - failed, failed, names.size() - results.cells.size()};
}

std::optional<double> metric_of(const CellResult& cell, const std::string& metric) {
  return result_number(nlohmann::json::parse(cell.result, nullptr, /*allow_exceptions=*/false),
                       metric);
}

void check_reference_labels(const std::vector<ReferenceValue>& reference,
                            const GridResults& results) {
  Names known = label_names(results.entries);
  const Names grid_labels = known;
  for (const RunKind kind : {RunKind::learn, RunKind::cascade, RunKind::measure})
    for (const std::string& option : field_names(run_fields(kind))) known.push_back(option);
  for (const ReferenceValue& each : reference)
    for (const auto& [label, value] : each.labels)
      if (std::ranges::count(known, label) == 0)
        fail_unknown("a label of the grid or an option as a column", label, known,
                     "the grid's: " + joined(grid_labels));
}

ResultsTable make_table(const GridResults& results, const TableOptions& options) {
  ResultsTable table;
  table.title = results.title;
  table.metric = options.metric;
  const Names known = label_names(results.entries);
  Names columns = options.columns, rows = options.rows;
  check_labels(columns, known);
  check_labels(rows, known);
  if (columns.empty() && known.size() > 1 && std::ranges::count(rows, known[1]) == 0)
    columns = {known[1]};
  if (rows.empty())
    for (const std::string& name : known)
      if (name != "seed" && std::find(columns.begin(), columns.end(), name) == columns.end())
        rows.push_back(name);
  table.row_labels = rows;

  std::vector<Names> values_seen(rows.size());
  std::map<RowIndices, std::map<size_t, Tally>> tallies;
  std::map<std::string, std::set<std::pair<RowIndices, size_t>>>
      counted;  // a cell counts once in an entry
  const CellResult* done_cell = nullptr;
  bool any_value = false;
  for (const GridEntry& entry : results.entries) {
    const Names row = values_of(entry, rows), column = values_of(entry, columns);
    const RowIndices row_indices = indices_in_each(values_seen, row);
    const size_t column_index =
        index_in(table.column_names, column_name(columns, column, options.metric));
    if (!counted[entry.cell].emplace(row_indices, column_index).second) continue;
    Tally& tally = tallies[row_indices][column_index];
    if (tally.entry.cells++ == 0)
      tally.entry.reference = reference_at(labelled(rows, row, columns, column), options);
    const auto cell = results.cells.find(entry.cell);
    if (cell == results.cells.end()) {
      ++tally.entry.missing;
      continue;
    }
    if (!cell->second.done) {
      ++tally.entry.failed;
      continue;
    }
    done_cell = &cell->second;
    const std::optional<double> value = metric_of(cell->second, options.metric);
    if (!value) continue;
    tally.values.push_back(*value);
    any_value = true;
  }
  if (!any_value) check_metric(options.metric, done_cell);
  for (const auto& [row_indices, tallies_of_row] : tallies) {
    std::vector<TableEntry> entries(table.column_names.size());
    for (const auto& [column_index, tally] : tallies_of_row)
      entries[column_index] = tally.finished();
    if (std::ranges::all_of(entries, is_blank)) continue;
    Names& names = table.row_names.emplace_back();
    for (size_t i = 0; i < rows.size(); ++i) names.push_back(values_seen[i][row_indices[i]]);
    table.entries.push_back(std::move(entries));
  }
  drop_blank_columns(table);
  return table;
}

}  // namespace submask
