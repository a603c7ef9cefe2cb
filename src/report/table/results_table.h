// Tables of a grid's results: means and deviations over seeds, in rows and columns of the labels
// that the grid gives its cells.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "grid/results.h"

namespace submask {

// Everything that a database has about one grid.
struct GridResults {
  std::string title;
  std::vector<GridEntry> entries;           // in the order of the grid
  std::map<std::string, CellResult> cells;  // those that have results, by their names
};

// The grid with this title or, for an empty title, the only one. Throws invalid_argument where
// there is no such grid, or several for an empty title.
GridResults read_grid_results(const ResultsDatabase& database, const std::string& title = "");

// How many runs the grid has by what has become of them; cells of one name are one run.
struct RunCounts {
  size_t done = 0, failed = 0, missing = 0;
};
RunCounts count_runs(const GridResults& results);

// The metric of a cell's result, as result_number() names it.
std::optional<double> metric_of(const CellResult& cell, const std::string& metric);

// A number of somebody else's, as a paper's, to stand beside one's own. It belongs to every entry
// of a table that has all of its labels; where several belong to an entry, the first one counts.
struct ReferenceValue {
  std::map<std::string, std::string> labels;
  std::string metric;
  double value = 0;
};

// Reads a CSV file with one column for each label and the columns metric and value. A label whose
// field is empty is none of the row's. Throws corrupt_file naming the line, and io.
std::vector<ReferenceValue> read_reference_values(const std::filesystem::path& path);

// Throws invalid_argument for a label that neither the grid nor, as an option of runs, another grid
// can have: it is misspelt, and its values would stand nowhere.
void check_reference_labels(const std::vector<ReferenceValue>& reference,
                            const GridResults& results);

struct TableOptions {
  // The labels that make the rows and the columns; an entry is a mean over all others, as seed.
  // Without columns, the second label of the cells makes them; without rows, all others but seed
  // do.
  std::vector<std::string> rows, columns;
  std::string metric = "accuracy";  // a number in the cells' results
  std::vector<ReferenceValue> reference = {};
};

// The cells that share a row and a column.
struct TableEntry {
  int64_t cells = 0;    // how many the grid has
  int64_t failed = 0;   // how many of them failed,
  int64_t missing = 0;  // have no result yet,
  int64_t values = 0;   // and have the metric
  double mean = 0;
  double deviation = 0;  // of a sample of one; 0 for one value
  // The reference value that belongs to the entry.
  std::optional<double> reference;
};

struct ResultsTable {
  std::string title, metric;
  std::vector<std::string> row_labels;              // "model", "method"
  std::vector<std::vector<std::string>> row_names;  // a value of each label; "" for a missing one
  // "fashion"; "no keep" for cells without the label keep; the metric where no label makes columns
  std::vector<std::string> column_names;
  std::vector<std::vector<TableEntry>> entries;  // by row, then column
};

// Rows are sorted by their first value, then by the second, and so on; values and columns stand in
// the order of the grid. Rows and columns without any value of the metric are left out. Throws
// invalid_argument for a label or metric that no cell has.
ResultsTable make_table(const GridResults& results, const TableOptions& options);

// An entry is "mean +- deviation (values)" and "[reference, difference]". LaTeX is for the package
// booktabs: deviation and number of values are small, rows with the same first value are a group
// (where rows have several values), and of an accuracy the best mean of each column of a group is
// bold. CSV has one line for each entry, with full precision.
std::string to_markdown(const ResultsTable& table);
std::string to_latex(const ResultsTable& table);
std::string to_csv(const ResultsTable& table);

}  // namespace submask
