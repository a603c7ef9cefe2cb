// Tables of a grid's results: means and deviations over seeds, by the names that the grid gives its
// cells.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "grid/results.h"

namespace submask {

// What a database has of one grid.
struct GridResults {
  std::string title;
  std::vector<GridEntry> entries;           // in its order
  std::map<std::string, CellResult> cells;  // by their names, those that have results
};

// `title` empty: of the only grid there is. Throws invalid_argument for one that is not there.
GridResults read_grid_results(const ResultsDatabase& database, const std::string& title = "");

// A number of a cell's result by its name, as "accuracy" or, of an object in the result,
// "training_set.classes"; none where it has none.
std::optional<double> metric_of(const CellResult& cell, const std::string& metric);

// Numbers to set beside one's own, as a paper's: a CSV file with a column a label and the columns
// metric and value. An empty field says nothing of its label; of several that fit the first counts.
struct ReferenceValue {
  std::map<std::string, std::string> labels;
  std::string metric;
  double value = 0;
};

// Throws corrupt_file naming the line, io.
std::vector<ReferenceValue> read_reference_values(const std::filesystem::path& path);

struct TableOptions {
  // Labels that make the rows and the columns; what is in neither (as seed) is averaged over.
  // Columns by default: the second axis, or what stands there; rows: all others but seed.
  std::vector<std::string> rows, columns;
  std::string metric = "accuracy";  // a number in the cells' results
  std::vector<ReferenceValue> reference = {};
};

// Of the cells that share a place in the table.
struct TableEntry {
  int64_t cells = 0;    // that the grid has there
  int64_t failed = 0;   // of these
  int64_t missing = 0;  // have no result yet
  int64_t values = 0;   // have the metric
  double mean = 0;
  double deviation = 0;  // of a sample of one; 0 for one value
  // Where the table's rows and columns have all labels of a reference value, and they agree.
  std::optional<double> reference;
};

struct ResultsTable {
  std::string title, metric;
  std::vector<std::string> row_labels;              // "model", "method"
  std::vector<std::vector<std::string>> row_names;  // a value of each; "" where a cell has none
  // "fashion"; "no keep" of cells without the label; the metric where columns have no labels
  std::vector<std::string> column_names;
  std::vector<std::vector<TableEntry>> entries;  // by row, then column
};

// Rows in groups, by their first value, then the second, ...; values and columns in the order of
// the grid; none without any value of the metric. Throws invalid_argument for a label or metric
// that nothing has.
ResultsTable make_table(const GridResults& results, const TableOptions& options);

// "mean +- deviation (values)", and "[reference, difference]". LaTeX as booktabs has it, deviation
// and number of values small, rows of one first value a group where rows have several, and the best
// of a group's column bold where the metric is an accuracy. CSV has a line an entry, with full
// precision.
std::string to_markdown(const ResultsTable& table);
std::string to_latex(const ResultsTable& table);
std::string to_csv(const ResultsTable& table);

}  // namespace submask
