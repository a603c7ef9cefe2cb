#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include <submask/results_table.h>

#include "base/fail.h"

namespace submask {
namespace {

using Names = std::vector<std::string>;

std::string joined(const Names& names, const char* between) {
  std::string all;
  for (const std::string& name : names) {
    if (name.empty()) continue;
    all += (all.empty() ? "" : between) + name;
  }
  return all;
}

std::string choose_grid(const ResultsDatabase& database, const std::string& wanted) {
  const Names grids = database.grids();
  if (grids.empty()) fail_argument("a database with a grid", "none in it");
  if (wanted.empty() && grids.size() > 1) fail_argument("one of " + joined(grids, ", "), "none");
  if (wanted.empty()) return grids.front();
  if (std::find(grids.begin(), grids.end(), wanted) == grids.end())
    fail_argument("one of " + joined(grids, ", "), wanted);
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
      fail_argument("labels of the grid: " + joined(known, ", "), name);
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

// The place of a value in a list, which gets it at its end where it is new.
template <typename T>
size_t place_in(std::vector<T>& list, const T& value) {
  const auto found = std::find(list.begin(), list.end(), value);
  if (found != list.end()) return static_cast<size_t>(found - list.begin());
  list.push_back(value);
  return list.size() - 1;
}

// An entry as values come: Welford's running mean and sum of squares.
class Tally {
 public:
  void add(double value) {
    ++entry.values;
    const double before = value - entry.mean;
    entry.mean += before / static_cast<double>(entry.values);
    squares_ += before * (value - entry.mean);
    if (entry.values > 1)
      entry.deviation = std::sqrt(squares_ / static_cast<double>(entry.values - 1));
  }

  TableEntry entry;

 private:
  double squares_ = 0;
};

bool is_accuracy(const std::string& metric) { return metric.ends_with("accuracy"); }

// Shares as .834, other numbers with four digits that count.
std::string number_text(double value, const std::string& metric) {
  char text[32];
  if (is_accuracy(metric) || metric.ends_with("fraction")) {
    std::snprintf(text, sizeof text, "%.3f", value);
    return value < 1 && value >= 0 ? text + 1 : text;
  }
  std::snprintf(text, sizeof text, std::abs(value) < 10'000 ? "%.4g" : "%.0f", value);
  return text;
}

// What stands for an entry without a value.
std::string absence(const TableEntry& entry) {
  if (entry.missing > 0) return "missing";
  return entry.failed > 0 ? "failed" : "";
}

std::string entry_text(const TableEntry& entry, const std::string& metric) {
  if (entry.values == 0) return absence(entry);
  std::string all = number_text(entry.mean, metric);
  if (entry.values > 1)
    all += text(" +- ", number_text(entry.deviation, metric), " (", entry.values, ")");
  if (entry.missing > 0) all += text(", ", entry.missing, " missing");
  if (entry.failed > 0) all += text(", ", entry.failed, " failed");
  return all;
}

std::string latex_text(const std::string& plain) {
  std::string escaped;
  for (const char c : plain) {
    if (c == '\\') {
      escaped += "\\textbackslash{}";
      continue;
    }
    if (std::string("#$%&_{}").find(c) != std::string::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string latex_entry(const TableEntry& entry, const std::string& metric, bool best) {
  if (entry.values == 0) return absence(entry).empty() ? "" : "\\emph{" + absence(entry) + "}";
  std::string mean = number_text(entry.mean, metric);
  if (best) mean = "\\mathbf{" + mean + "}";
  if (entry.values > 1)
    mean += text("{\\scriptstyle \\pm ", number_text(entry.deviation, metric), "_{", entry.values,
                 "}}");
  return "$" + mean + "$" + (entry.missing + entry.failed > 0 ? "\\textsuperscript{*}" : "");
}

std::string csv_text(const std::string& plain) {
  if (plain.find_first_of(",\"\n\r") == std::string::npos) return plain;
  std::string quoted = "\"";
  for (const char c : plain) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

// A bar would end a cell, a line its table.
std::string markdown_text(std::string plain) {
  std::string escaped;
  for (const char c : plain) {
    if (c == '|') escaped += '\\';
    escaped += c == '\n' || c == '\r' ? ' ' : c;
  }
  return escaped;
}

}  // namespace

ResultsTable make_table(const ResultsDatabase& database, const TableOptions& options) {
  ResultsTable table;
  table.title = choose_grid(database, options.grid);
  table.metric = options.metric;
  const std::vector<GridEntry> entries = database.entries(table.title);
  const Names known = label_names(entries);
  Names columns = options.columns, rows = options.rows;
  check_labels(columns, known);
  check_labels(rows, known);
  if (columns.empty() && known.size() > 1) columns = {known[1]};
  if (rows.empty())
    for (const std::string& name : known)
      if (name != "seed" && std::find(columns.begin(), columns.end(), name) == columns.end())
        rows.push_back(name);
  table.row_labels = rows;

  std::map<std::pair<size_t, size_t>, Tally> places;
  std::map<std::string, std::set<std::pair<size_t, size_t>>> counted;  // a cell once a place
  bool any_result = false, any_value = false;
  for (const GridEntry& entry : entries) {
    const std::pair place{place_in(table.row_names, values_of(entry, rows)),
                          place_in(table.column_names, joined(values_of(entry, columns), ", "))};
    if (!counted[entry.cell].insert(place).second) continue;
    Tally& tally = places[place];
    ++tally.entry.cells;
    const auto cell = database.find(entry.cell);
    if (!cell) {
      ++tally.entry.missing;
      continue;
    }
    if (!cell->done) {
      ++tally.entry.failed;
      continue;
    }
    any_result = true;
    const auto result = nlohmann::json::parse(cell->result, nullptr, /*allow_exceptions=*/false);
    if (!result.is_object() || !result.contains(options.metric)) continue;
    if (!result[options.metric].is_number()) continue;
    tally.add(result[options.metric].get<double>());
    any_value = true;
  }
  if (any_result && !any_value) fail_argument("a number in the results", options.metric);
  table.entries.assign(table.row_names.size(), std::vector<TableEntry>(table.column_names.size()));
  for (const auto& [place, tally] : places) table.entries[place.first][place.second] = tally.entry;
  return table;
}

std::string to_markdown(const ResultsTable& table) {
  std::string out = "|";
  for (const std::string& label : table.row_labels) out += " " + markdown_text(label) + " |";
  for (const std::string& column : table.column_names) out += " " + markdown_text(column) + " |";
  out += "\n|";
  for (size_t i = 0; i < table.row_labels.size(); ++i) out += "---|";
  for (size_t i = 0; i < table.column_names.size(); ++i) out += "---:|";
  out += "\n";
  for (size_t row = 0; row < table.row_names.size(); ++row) {
    out += "|";
    for (const std::string& name : table.row_names[row]) out += " " + markdown_text(name) + " |";
    for (const TableEntry& entry : table.entries[row])
      out += " " + entry_text(entry, table.metric) + " |";
    out += "\n";
  }
  return out;
}

std::string to_latex(const ResultsTable& table) {
  std::vector<double> best(table.column_names.size(), -1);
  for (const auto& row : table.entries)
    for (size_t i = 0; i < row.size(); ++i)
      if (row[i].values > 0 && is_accuracy(table.metric)) best[i] = std::max(best[i], row[i].mean);
  std::string out = "\\begin{tabular}{" + std::string(table.row_labels.size(), 'l') +
                    std::string(table.column_names.size(), 'r') + "}\n\\toprule\n";
  Names head = table.row_labels;
  head.insert(head.end(), table.column_names.begin(), table.column_names.end());
  for (size_t i = 0; i < head.size(); ++i) out += (i > 0 ? " & " : "") + latex_text(head[i]);
  out += " \\\\\n\\midrule\n";
  for (size_t row = 0; row < table.row_names.size(); ++row) {
    Names cells;
    for (const std::string& name : table.row_names[row]) cells.push_back(latex_text(name));
    for (size_t i = 0; i < table.column_names.size(); ++i) {
      const TableEntry& entry = table.entries[row][i];
      cells.push_back(latex_entry(entry, table.metric, entry.values > 0 && entry.mean == best[i]));
    }
    for (size_t i = 0; i < cells.size(); ++i) out += (i > 0 ? " & " : "") + cells[i];
    out += " \\\\\n";
  }
  return out + "\\bottomrule\n\\end{tabular}\n";
}

std::string to_csv(const ResultsTable& table) {
  std::string out;
  for (const std::string& label : table.row_labels) out += csv_text(label) + ",";
  out += "column,metric,values,mean,deviation,missing,failed\n";
  for (size_t row = 0; row < table.row_names.size(); ++row)
    for (size_t i = 0; i < table.column_names.size(); ++i) {
      const TableEntry& entry = table.entries[row][i];
      if (entry.cells == 0) continue;
      for (const std::string& name : table.row_names[row]) out += csv_text(name) + ",";
      char numbers[64] = ",";
      if (entry.values > 0)
        std::snprintf(numbers, sizeof numbers, "%.17g,%.17g", entry.mean, entry.deviation);
      out += text(csv_text(table.column_names[i]), ",", csv_text(table.metric), ",", entry.values,
                  ",", numbers, ",", entry.missing, ",", entry.failed, "\n");
    }
  return out;
}

}  // namespace submask
