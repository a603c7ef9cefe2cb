// Tables of a grid's results: means and deviations over seeds, by the names that the grid gives its
// cells.
#pragma once

#include <string>
#include <vector>

#include <submask/results.h>

namespace submask {

struct TableOptions {
  std::string grid;  // its title; empty: the only one there is
  // Labels that make the rows and the columns; what is in neither (as seed) is averaged over.
  // Columns by default: the second axis, or what stands there; rows: all others but seed.
  std::vector<std::string> rows, columns;
  std::string metric = "accuracy";  // a number in the cells' results
};

// Of the cells that share a place in the table.
struct TableEntry {
  int64_t cells = 0;    // that the grid has there
  int64_t failed = 0;   // of these
  int64_t missing = 0;  // have no result yet
  int64_t values = 0;   // have the metric
  double mean = 0;
  double deviation = 0;  // of a sample of one; 0 for one value
};

struct ResultsTable {
  std::string title, metric;
  std::vector<std::string> row_labels;              // "model", "method"
  std::vector<std::vector<std::string>> row_names;  // a value of each; "" where a cell has none
  std::vector<std::string> column_names;
  std::vector<std::vector<TableEntry>> entries;  // by row, then column
};

// In the order of the grid. Throws invalid_argument for a grid, label or metric that nothing has.
ResultsTable make_table(const ResultsDatabase& database, const TableOptions& options);

// "mean +- deviation (values)". LaTeX as booktabs has it, deviation and number of values small, the
// best of a column bold where the metric is an accuracy. CSV has a line an entry, with full
// precision.
std::string to_markdown(const ResultsTable& table);
std::string to_latex(const ResultsTable& table);
std::string to_csv(const ResultsTable& table);

}  // namespace submask
